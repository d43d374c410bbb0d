import type { Client } from "@connectrpc/connect";
import type { KeyInfo as KeyInfoMessage, Keys } from "../../../../src/gen/etcdlite/v1/keys_pb.ts";
import { prefixRange } from "../../store/bytes.ts";
import type { Child, KeyInfo, KeySource } from "./source.ts";

const NONE = new Uint8Array();

/** Lists by etcdlite.v1.Keys: one call a page, however much is in the folders. */
export function etcdliteSource(keys: Client<typeof Keys>): KeySource {
  return {
    async listChildren({ prefix, delimiter, revision, start = NONE, limit }) {
      const request = { prefix, delimiter, revision: BigInt(revision), start, limit: BigInt(limit) };
      const { header, children, next } = await keys.listChildren(request);
      return {
        children: children.map(({ path, chain, key }): Child => {
          return key === undefined ? { path, chain, info: undefined } : { path, chain: path, info: infoOf(key) };
        }),
        next: next.length === 0 ? undefined : next,
        revision: revisionOf(header),
      };
    },

    async listKeys({ prefix, revision, start, limit }) {
      const range = prefixRange(prefix);
      const request = { ...range, key: start ?? range.key, revision: BigInt(revision), limit: BigInt(limit + 1) };
      const { header, keys: found } = await keys.listKeys(request);
      const children = found.slice(0, limit).map((key): Child => {
        return { path: key.key, chain: key.key, info: infoOf(key) };
      });
      return { children, next: found[limit]?.key, revision: revisionOf(header) };
    },

    async listAnchors(prefix, revision, step) {
      const request = { ...prefixRange(prefix), revision: BigInt(revision), step: BigInt(step) };
      const reply = await keys.listAnchors(request);
      const { header, anchors, count } = reply;
      return { keys: anchors, step: Number(reply.step), count: Number(count), revision: revisionOf(header) };
    },

    async count(range, revision) {
      const request = { ...range, revision: BigInt(revision), limit: 1n, countTotal: true };
      const { header, count } = await keys.listKeys(request);
      return { count: Number(count), revision: revisionOf(header) };
    },
  };
}

function revisionOf(header: { readonly revision: bigint } | undefined): number {
  return Number(header?.revision ?? 0n);
}

function infoOf({ key, createRevision, modRevision, version, lease, valueSize }: KeyInfoMessage): KeyInfo {
  return {
    key,
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    version: Number(version),
    lease,
    sizeBytes: Number(valueSize),
  };
}
