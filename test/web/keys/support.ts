/** A store in this process with the page's sources on it, and a tree's rows as text. */
import { Code, ConnectError } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import type { KeyChange } from "../../../web/src/keys/model/change.ts";
import { etcdliteSource } from "../../../web/src/keys/model/etcdlitesource.ts";
import { KeyTree, type KeyTreeOptions } from "../../../web/src/keys/model/keytree.ts";
import { plainSource } from "../../../web/src/keys/model/plainsource.ts";
import type { KeySource } from "../../../web/src/keys/model/source.ts";
import { toDisplay } from "../../../web/src/store/bytes.ts";
import { bytes } from "../../rpc/support/show.ts";
import { type LocalTarget, localTarget } from "../../rpc/support/target.ts";

export const SLASH = bytes("/");

export interface Store {
  readonly target: LocalTarget;
  readonly etcdlite: KeySource;
  readonly plain: KeySource;
  put(key: string, value?: string): Promise<KeyChange>;
  /** The change, if there was such a key. */
  remove(key: string): Promise<KeyChange[]>;
}

export async function storeWith(...keys: string[]): Promise<Store> {
  const target = localTarget();
  const { kv } = target;
  const store: Store = {
    target,
    etcdlite: etcdliteSource(target.keys),
    plain: plainSource(kv),
    async put(key, value = "value") {
      await kv.put({ key: bytes(key), value: bytes(value) });
      const { keys: found } = await target.keys.listKeys({ key: bytes(key) });
      const [info] = found;
      if (info === undefined) throw new Error("what was put is not there");
      return {
        type: "put",
        info: {
          key: info.key,
          createRevision: Number(info.createRevision),
          modRevision: Number(info.modRevision),
          version: Number(info.version),
          lease: info.lease,
          sizeBytes: Number(info.valueSize),
        },
      };
    },
    async remove(key) {
      const { deleted, header } = await kv.deleteRange({ key: bytes(key) });
      if (deleted === 0n) return [];
      const modRevision = Number(header?.revision);
      const info = { key: bytes(key), createRevision: 0, modRevision, version: 0, lease: 0n, sizeBytes: 0 };
      return [{ type: "delete", info }];
    },
  };
  for (let at = 0; at < keys.length; at += 128) {
    const part = keys.slice(at, at + 128);
    await kv.txn({
      success: part.map((key) => ({
        request: { case: "requestPut", value: { key: bytes(key), value: bytes("value") } },
      })),
    });
  }
  return store;
}

export function treeOf(source: KeySource, options: Partial<KeyTreeOptions> = {}): KeyTree {
  const tree = new KeyTree({ source, prefix: bytes(""), delimiter: SLASH, revision: 0, ...options });
  onTestFinished(() => tree.close());
  return tree;
}

/** `> /a/` is a folder, `v /a/` an open one, `  /a` a key; two spaces a level. */
export function rowsOf(tree: KeyTree): string[] {
  return Array.from({ length: tree.rowCount }, (_, at) => {
    const row = tree.row(at);
    const indent = "  ".repeat((row?.level ?? 1) - 1);
    if (row?.kind !== "entry") return `${indent}(${row?.kind})`;
    const { entry } = row;
    const mark = entry.info !== undefined ? " " : entry.node === undefined ? ">" : "v";
    return `${indent}${mark} ${toDisplay(entry.chain)}`;
  });
}

/** Opens every folder, over and over, as somebody would who wants to see it all. */
export async function openAll(tree: KeyTree): Promise<void> {
  for (let at = 0; at < tree.rowCount; at++) {
    const row = tree.row(at);
    if (row?.kind === "entry") await tree.expand(row.entry, row.level);
    if (row?.kind === "more") {
      await tree.loadMore(row.folder);
      at--;
    }
  }
}

/** Settles when nothing is being loaded and nothing that is shown is stale. */
export async function settled(tree: KeyTree): Promise<void> {
  for (let idle = 0; idle < 3; ) {
    const before = tree.version.value;
    tree.look(0, tree.rowCount);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    idle = tree.version.value === before ? idle + 1 : 0;
  }
}

export function unimplemented(): never {
  throw new ConnectError("unknown service etcdlite.v1.Keys", Code.Unimplemented);
}
