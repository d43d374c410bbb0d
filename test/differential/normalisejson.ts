/** The rules of normalise.ts for the bodies of the JSON gateway. Blanks go, all other bytes stay. */
import type { Identity } from "./identity.ts";
import { OWN_ID } from "./identity.ts";
import { normaliseErrors, normaliseToken } from "./normalise.ts";
import type { JsonNode, List } from "./rawjson.ts";
import { field, parseJsonSequence, writeJson } from "./rawjson.ts";

/** Of Status: they depend on the storage. That they are quoted digits is compared. */
const STORAGE_FIELDS = ["dbSize", "dbSizeInUse", "raftIndex", "raftAppliedIndex"];

/** A line for each JSON value of the body; one line with the text as it is if it is not JSON. */
export function normaliseBody(path: string, text: string, identity: Identity): string[] {
  const nodes = parseJsonSequence(text);
  if (nodes === undefined) return [JSON.stringify(text)];
  return nodes.map((node) => {
    normaliseReply(path, field(node, "result") ?? node, identity);
    return writeJson(node);
  });
}

function normaliseReply(path: string, reply: JsonNode, identity: Identity): void {
  replaceIds(reply, identity);
  switch (path.slice(path.indexOf("/", 1))) {
    case "/maintenance/status":
      for (const name of STORAGE_FIELDS) replace(field(reply, name), (digits) => digits.replace(/^\d+$/, "0"));
      normaliseTexts(field(reply, "errors"), (texts) => normaliseErrors(texts, identity));
      break;
    case "/maintenance/hash":
      if (field(reply, "hash")?.kind === "scalar") setRaw(field(reply, "hash"), "0");
      break;
    case "/maintenance/alarm":
      sort(field(reply, "alarms"));
      break;
    case "/auth/authenticate":
      replace(field(reply, "token"), normaliseToken);
      break;
    case "/lease/timetolive":
    case "/kv/lease/timetolive":
      sort(field(reply, "keys"));
      normaliseTtl(reply, identity);
      break;
    case "/lease/leases":
    case "/kv/lease/leases":
      sortLeases(field(reply, "leases"), identity);
      break;
    case "/cluster/member/add":
    case "/cluster/member/list":
    case "/cluster/member/remove":
    case "/cluster/member/update":
    case "/cluster/member/promote":
      normaliseMembers(reply, identity);
      break;
  }
}

/** Any field of the name of an ID whose value is known as one. */
function replaceIds(node: JsonNode, identity: Identity): void {
  if (node.kind === "list") for (const item of node.items) replaceIds(item, identity);
  if (node.kind !== "struct") return;
  for (const [name, value] of node.fields) {
    if (name === '"cluster_id"') replace(value, (id) => (id === String(identity.clusterId) ? String(OWN_ID) : id));
    else if (name === '"member_id"' || name === '"memberID"' || name === '"leader"') replaceMember(value, identity);
    if (value.kind !== "scalar") replaceIds(value, identity);
  }
}

function replaceMember(node: JsonNode, identity: Identity): void {
  replace(node, (id) => (/^\d+$/.test(id) ? String(identity.member(BigInt(id))) : id));
}

function normaliseMembers(reply: JsonNode, identity: Identity): void {
  const members = field(reply, "members");
  const items = members?.kind === "list" ? members.items : [];
  const added = field(reply, "member");
  for (const member of added === undefined ? items : [added, ...items]) {
    replace(field(member, "ID"), (id) => String(identity.listedMember(BigInt(id))));
    normaliseTexts(field(member, "peerURLs"), (urls) => urls.map((url) => identity.peerUrl(url)));
    normaliseTexts(field(member, "clientURLs"), (urls) => urls.map((url) => identity.clientUrl(url)));
  }
  sort(members);
}

function normaliseTtl(reply: JsonNode, identity: Identity): void {
  const number = (name: string): bigint => BigInt(textOf(field(reply, name)) ?? "0");
  const ttl = field(reply, "TTL");
  replace(ttl, () => String(identity.leaseTimes.fullTtl(number("ID"), number("TTL"), number("grantedTTL"))));
}

function sortLeases(node: JsonNode | undefined, identity: Identity): void {
  if (node?.kind !== "list") return;
  const id = (lease: JsonNode): bigint => BigInt(textOf(field(lease, "ID")) ?? "0");
  node.items.sort((a, b) => identity.leaseTimes.compare(id(a), id(b)));
}

/** By what is written: lists whose order is that of a Go map, or of random IDs. */
function sort(node: JsonNode | undefined): void {
  if (node?.kind !== "list") return;
  const text = new Map(node.items.map((item) => [item, writeJson(item)]));
  node.items.sort((a, b) => ((text.get(a) ?? "") < (text.get(b) ?? "") ? -1 : 1));
}

function normaliseTexts(node: JsonNode | undefined, change: (texts: string[]) => string[]): void {
  if (node?.kind !== "list") return;
  const texts = node.items.map(textOf);
  if (texts.some((text) => text === undefined)) return;
  (node as List).items = change(texts as string[]).map((text) => ({ kind: "scalar", raw: JSON.stringify(text) }));
}

/** Changes a quoted value. */
function replace(node: JsonNode | undefined, change: (text: string) => string): void {
  const text = textOf(node);
  const changed = text === undefined ? undefined : change(text);
  if (changed !== undefined && changed !== text) setRaw(node, JSON.stringify(changed));
}

function setRaw(node: JsonNode | undefined, raw: string): void {
  if (node?.kind === "scalar") node.raw = raw;
}

function textOf(node: JsonNode | undefined): string | undefined {
  if (node?.kind !== "scalar" || !node.raw.startsWith('"')) return undefined;
  return JSON.parse(node.raw) as string;
}
