import type { HashSeed } from "../server/index.ts";

/** A seed for an etcd whose clients are not to know it: see KeyProbe. */
export function randomSeed(): HashSeed {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return { low, high };
}
