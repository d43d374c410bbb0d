/** What Tab puts in: commands, flags, their values, keys of the store folder by folder, lease IDs. */
import { Code, ConnectError } from "@connectrpc/connect";
import { prefixRange, textOf } from "../../store/bytes.ts";
import type { Clients } from "../../store/clients.ts";
import type { Command, ConsoleClients } from "../commands/command.ts";
import { findCommand, GLOBAL_FLAGS, namesAt } from "../commands/index.ts";
import { fromBytes, fromText, type GoString, hexId, toBytes, toText } from "../language/gostring.ts";
import { lastWord } from "../language/shell.ts";
import { shellWord } from "../language/shellword.ts";

export interface Completion {
  /** The line with as much of the last word as all candidates have in common. */
  readonly text: string;
  /** As they are shown, if there is more than one. */
  readonly candidates: readonly string[];
}

interface Candidate {
  readonly word: GoString;
  /** Nothing more belongs to the word. */
  readonly isWhole: boolean;
}

const MAX_CANDIDATES = 500;

/** @param text of the line up to the cursor; undefined if there is nothing to put in or to show */
export async function complete(text: string, clients: ConsoleClients): Promise<Completion | undefined> {
  const { before, word, start } = lastWord(text);
  const found = (await candidatesFor(before, word, clients)).filter((candidate) => candidate.word.startsWith(word));
  if (found.length === 0) return undefined;
  const common = commonPrefix(found.map((candidate) => candidate.word));
  const [only] = found;
  const end = found.length === 1 && only?.isWhole ? " " : "";
  const completed = text.slice(0, start) + quoted(common) + end;
  return { text: completed, candidates: found.length === 1 ? [] : found.map((candidate) => toText(candidate.word)) };
}

function quoted(word: GoString): string {
  return word === "" ? "" : shellWord(word);
}

function commonPrefix(words: readonly GoString[]): GoString {
  const [first = ""] = words;
  let size = first.length;
  for (const word of words) {
    while (!word.startsWith(first.slice(0, size))) size--;
  }
  // Not a part of a character, if the words are text.
  while (size > 0 && textOf(toBytes(first)) !== undefined && textOf(toBytes(first.slice(0, size))) === undefined)
    size--;
  return first.slice(0, size);
}

async function candidatesFor(
  before: readonly GoString[],
  word: GoString,
  clients: ConsoleClients,
): Promise<Candidate[]> {
  const words = before[0] === "etcdctl" ? before.slice(1) : before;
  if (words[0] === "help") return wholes(namesAt(words.slice(1)));
  const command = commandOf(words);
  if (typeof command === "string") return wholes(namesAt(command === "" ? [] : command.split(" ")));
  const flags = [...command.flags, ...GLOBAL_FLAGS];
  const valued = flags.filter(({ type }) => type !== "bool");
  const given = /^--([\w-]+)=([\s\S]*)$/.exec(word);
  if (given !== null) {
    const values = await flagValues(command, given[1] ?? "", clients);
    return values.map((value) => ({ word: `--${given[1]}=${value}`, isWhole: true }));
  }
  if (word.startsWith("-") && !words.includes("--")) {
    return flags.map(({ name, type }) => ({
      word: `--${name}${type === "bool" ? "" : "="}`,
      isWhole: type === "bool",
    }));
  }
  const last = valued.find(({ name, short }) => words.at(-1) === `--${name}` || words.at(-1) === `-${short}`);
  if (last !== undefined) return wholes(await flagValues(command, last.name, clients));
  if (command.completes === "leases") return wholes(await leases(clients));
  if (command.completes === "users") return wholes((await clients.auth.userList({})).users.map(fromText));
  if (command.completes === "roles") return wholes((await clients.auth.roleList({})).roles.map(fromText));
  return command.completes === "keys" && words.length < 12 ? await keys(word, clients) : [];
}

/** The command that the words begin, or the group. */
function commandOf(words: readonly GoString[]): Command | string {
  try {
    const found = findCommand(words);
    return typeof found === "string" ? found : found.command;
  } catch {
    return "";
  }
}

function wholes(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, isWhole: true }));
}

async function flagValues(command: Command, name: string, clients: Clients): Promise<readonly string[]> {
  if (name === "lease") return await leases(clients);
  return [...command.flags, ...GLOBAL_FLAGS].find((flag) => flag.name === name)?.values ?? [];
}

async function leases(clients: Clients): Promise<string[]> {
  const { leases: held } = await clients.lease.leaseLeases({});
  return held.slice(0, MAX_CANDIDATES).map(({ ID }) => hexId(ID));
}

async function keys(word: GoString, clients: Clients): Promise<Candidate[]> {
  const folder = toBytes(word.slice(0, word.lastIndexOf("/") + 1));
  const start = toBytes(word);
  try {
    const { children } = await clients.keys.listChildren({ prefix: folder, start, limit: BigInt(MAX_CANDIDATES) });
    return children.map((child) => ({
      word: fromBytes(child.folder && child.chain.length > 0 ? child.chain : child.path),
      isWhole: !child.folder,
    }));
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unimplemented) throw error;
    const { kvs } = await clients.kv.range({ ...prefixRange(start), limit: BigInt(MAX_CANDIDATES), keysOnly: true });
    return kvs.map(({ key }) => ({ word: fromBytes(key), isWhole: true }));
  }
}
