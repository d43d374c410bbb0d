import { Code, ConnectError } from "@connectrpc/connect";
import type { Clients } from "../../store/clients.ts";
import { etcdliteSource } from "./etcdlitesource.ts";
import { plainSource } from "./plainsource.ts";
import type { KeySource } from "./source.ts";

const chosen = new WeakMap<Clients["keys"], KeySource>();

/** The store's keys by etcdlite.v1.Keys, and from the first UNIMPLEMENTED on by what every etcd has. */
export function keySourceOf({ keys, kv }: Pick<Clients, "keys" | "kv">): KeySource {
  const held = chosen.get(keys);
  if (held !== undefined) return held;
  const source = withFallback(etcdliteSource(keys), plainSource(kv));
  chosen.set(keys, source);
  return source;
}

function withFallback(first: KeySource, second: KeySource): KeySource {
  let isPlain = false;
  const call = async <T>(run: (source: KeySource) => Promise<T>): Promise<T> => {
    if (isPlain) return run(second);
    try {
      return await run(first);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unimplemented) throw error;
      isPlain = true;
      return run(second);
    }
  };
  return {
    listChildren: (request) => call((source) => source.listChildren(request)),
    listKeys: (request) => call((source) => source.listKeys(request)),
    listAnchors: (prefix, revision, step) => call((source) => source.listAnchors(prefix, revision, step)),
    count: (range, revision) => call((source) => source.count(range, revision)),
  };
}
