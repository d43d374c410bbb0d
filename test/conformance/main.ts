/**
 * `npm run conformance`: Connect's own conformance suite against the transport, in each protocol, over cleartext and
 * TLS. Ends with `N passed, N failed, N as grpc-go has it`.
 *
 *     npm run conformance -- --run 'gRPC Unary/**'      only cases of that name
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { findOrBuildRunner } from "./runner.ts";

const { run, h2 } = new Command("conformance")
  .description("Runs Connect's conformance suite against etcdlite's transport.")
  .option("--run <pattern>", "only cases of that name")
  .option("--h2 <which>", "who speaks HTTP/2: engine or node", "engine")
  .parse()
  .opts<{ run?: string; h2: string }>();

const here = (file: string): string => join(import.meta.dirname, file);
const { binary, descriptors } = findOrBuildRunner();
const filter = run === undefined ? [] : ["--run", run];
const flags = ["--mode", "server", "--conf", here("config.yaml"), "--known-failing", `@${here("known-failing.txt")}`];
// The runner gives each server, and each call, a time of its own: on a busy machine fewer at once keep it.
const pace = ["--max-servers", "1", "--parallel", "4"];
const child = spawn(
  binary,
  [...flags, ...pace, ...filter, "--", process.execPath, here("server.ts"), descriptors, h2],
  {
    stdio: ["ignore", "pipe", "inherit"],
  },
);
let [passed, failed, known] = [0, 0, 0];
for await (const line of createInterface({ input: child.stdout })) {
  console.log(line);
  const [, ...counts] = /^(\d+) passed, (\d+) failed$/.exec(line) ?? [];
  if (counts.length > 0) [passed = 0, failed = 0] = counts.map(Number);
  known = Number(/another (\d+) failed as expected/i.exec(line)?.[1] ?? known);
}
const isFine = (await new Promise((resolve) => child.once("close", resolve))) === 0;
console.log(`${passed} passed, ${isFine ? failed : Math.max(failed, 1)} failed, ${known} as grpc-go has it`);
process.exitCode = isFine ? 0 : 1;
