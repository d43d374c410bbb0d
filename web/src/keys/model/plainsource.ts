/**
 * Lists by Range alone, for an etcd that has no etcdlite.v1.Keys: keys-only pages of bounded size. Children are
 * found by skip-scan: once a page ends inside a folder, the next one is sought past everything that could be in it.
 */
import type { Client } from "@connectrpc/connect";
import type { KV } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../../../src/gen/mvccpb/kv_pb.ts";
import { equalBytes, prefixEnd, prefixRange, startsWith } from "../../store/bytes.ts";
import { commonFolder, folderOf } from "./paths.ts";
import type { Child, ChildrenPage, KeyInfo, KeyRange, KeySource, ListRequest } from "./source.ts";

const PAGE_KEYS = 500;
/** A page of children is cut short rather than waited for through so many requests. */
const MAX_REQUESTS = 40;

interface Slice {
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly revision: number;
}

export function plainSource(kv: Client<typeof KV>): KeySource {
  return new PlainSource(kv);
}

class PlainSource implements KeySource {
  readonly #kv: Client<typeof KV>;

  constructor(kv: Client<typeof KV>) {
    this.#kv = kv;
  }

  async listChildren(request: ListRequest & { readonly delimiter: Uint8Array }): Promise<ChildrenPage> {
    const { prefix, delimiter, limit } = request;
    const { key: first, rangeEnd } = prefixRange(prefix);
    const children: Child[] = [];
    let from: Uint8Array | undefined = request.start ?? first;
    let revision = 0;
    for (let requests = 0; from !== undefined && requests < MAX_REQUESTS && children.length < limit; requests++) {
      const slice: Slice = await this.#slice({ key: from, rangeEnd }, request.revision);
      // The oldest of what was read: changes after it may be missing.
      revision = revision === 0 ? slice.revision : Math.min(revision, slice.revision);
      const groups = groupsOf(slice.kvs, prefix, delimiter);
      for (const [at, group] of groups.entries()) {
        const isCut = slice.more && at === groups.length - 1;
        children.push(await this.#childOf(group, isCut, delimiter, request.revision));
      }
      from = after(groups.at(-1), slice);
      if (from !== undefined && rangeEnd.length > 1 && equalBytes(from, rangeEnd)) from = undefined;
    }
    const cut = children[limit];
    return { children: children.slice(0, limit), next: cut?.path ?? from, revision };
  }

  async listKeys({ prefix, revision, start, limit }: ListRequest): Promise<ChildrenPage> {
    const range = prefixRange(prefix);
    const slice = await this.#slice({ ...range, key: start ?? range.key }, revision, limit + 1);
    const children = slice.kvs.slice(0, limit).map((kv): Child => {
      return { path: kv.key, chain: kv.key, info: infoOf(kv) };
    });
    return { children, next: slice.kvs[limit]?.key, revision: slice.revision };
  }

  async listAnchors(): Promise<undefined> {
    return undefined;
  }

  async count(range: KeyRange, revision: number): Promise<{ readonly count: number; readonly revision: number }> {
    const { header, count } = await this.#kv.range({ ...range, revision: BigInt(revision), countOnly: true });
    return { count: Number(count), revision: Number(header?.revision ?? 0n) };
  }

  async #slice(range: KeyRange, revision: number, limit = PAGE_KEYS): Promise<Slice> {
    const request = { ...range, revision: BigInt(revision), limit: BigInt(limit), keysOnly: true };
    const { header, kvs, more } = await this.#kv.range(request);
    return { kvs, more, revision: Number(header?.revision ?? 0n) };
  }

  /** @param isCut there may be more in the folder than the slice has */
  async #childOf(group: Group, isCut: boolean, delimiter: Uint8Array, revision: number): Promise<Child> {
    const { folder, first, last } = group;
    if (folder === undefined) return { path: first.key, chain: first.key, info: infoOf(first) };
    const chain = commonFolder(folder, first.key, last.key, delimiter);
    if (!isCut || equalBytes(chain, folder)) return { path: folder, chain, info: undefined };
    // Counting reads no keys, and asking for the last one would have etcd read them all.
    const counts = await Promise.all([folder, chain].map((path) => this.count(prefixRange(path), revision)));
    return { path: folder, chain: counts[0]?.count === counts[1]?.count ? chain : folder, info: undefined };
  }
}

/** Neighbouring keys that make one child. */
interface Group {
  readonly folder: Uint8Array | undefined;
  readonly first: KeyValue;
  last: KeyValue;
}

function groupsOf(kvs: readonly KeyValue[], prefix: Uint8Array, delimiter: Uint8Array): Group[] {
  const groups: Group[] = [];
  for (const kv of kvs) {
    const held = groups.at(-1);
    if (held?.folder !== undefined && startsWith(kv.key, held.folder)) held.last = kv;
    else groups.push({ folder: folderOf(kv.key, prefix, delimiter), first: kv, last: kv });
  }
  return groups;
}

/** Where to read on: past the whole folder that the slice ended in. Undefined where nothing can follow. */
function after(group: Group | undefined, { more }: Slice): Uint8Array | undefined {
  if (!more || group === undefined) return undefined;
  if (group.folder === undefined) return Uint8Array.of(...group.first.key, 0);
  const end = prefixEnd(group.folder);
  return end.length === 1 && end[0] === 0 ? undefined : end;
}

function infoOf({ key, createRevision, modRevision, version, lease }: KeyValue): KeyInfo {
  return {
    key,
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    version: Number(version),
    lease,
    sizeBytes: undefined,
  };
}
