/**
 * `node bench/store/main.ts [--only NAME] [--scale F]`: what the store costs, each figure a line `name=value`.
 *
 *     puts      the store in this process: puts and gets a second
 *     growth    what a put and a get cost in a large store, over what they cost in a small one
 *     many      ten million small keys, in this process; only where named, as it takes a few GB
 *     pauses    how long the event loop stands still while the store has something long to do
 *     start     from the start of the process to its first answer, beside etcd's
 *     memory    resident memory of the server, beside etcd's
 */
import { parseArgs } from "node:util";
import { growth } from "./growth.ts";
import { many } from "./many.ts";
import { memory } from "./memory.ts";
import { pauses } from "./pauses.ts";
import { puts } from "./puts.ts";
import { start } from "./start.ts";

const PARTS: Record<string, (scale: number) => void | Promise<void>> = { puts, growth, pauses, start, memory, many };

const { values: flags } = parseArgs({
  options: { only: { type: "string", default: "" }, scale: { type: "string", default: "1" } },
});

for (const [name, run] of Object.entries(PARTS)) {
  const isWanted = flags.only === "" ? name !== "many" : flags.only.split(",").includes(name);
  if (isWanted) await run(Number(flags.scale));
}
