/**
 * npm run differential -- --ops 100000 --seed 7 --all
 *
 * Random operations against a real etcd and etcdlite at once. Ends with `operations=N differences=0`, or with
 * the first difference, a reduced list of operations that shows it, and exit code 1.
 */
import { Command } from "commander";
import { compareRandom, formatDifference } from "./compare.ts";
import type { Operation } from "./operation.ts";
import type { Target } from "./servers.ts";
import { etcdlite, isFresh, realEtcd, running, startPair } from "./servers.ts";
import { shrink } from "./shrink.ts";

const PROGRESS_INTERVAL_MS = 10_000;

type Options = {
  ops: string;
  seed?: string;
  etcd?: string;
  etcdlite?: string;
  self?: boolean | string;
  all?: boolean;
  shrinkSeconds: string;
};

const options = new Command("differential")
  .description("Compares etcdlite with a real etcd 3.7.1 by random operations.")
  .option("--ops <count>", "how many operations", "50000")
  .option("--seed <number>", "where the random sequence starts (default: random, printed)")
  .option("--all", "every unary call of every service, auth on and off, by gRPC and by the JSON gateway")
  .option("--etcd <url>", "use this running etcd instead of a fresh one")
  .option("--etcdlite <url>", "use this running etcdlite instead of a fresh one")
  .option("--self [binary]", "compare etcd with a second etcd, of this path: shows what the comparison can see")
  .option("--shrink-seconds <seconds>", "time to look for a shorter sequence", "120")
  .parse()
  .opts<Options>();

process.exitCode = await main(options);

async function main({ ops, seed: seedText, shrinkSeconds, all, ...urls }: Options): Promise<number> {
  const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText);
  const count = Number(ops);
  if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1)
    throw new Error("--seed and --ops take integers");
  const targets: Target[] = [urls.etcd === undefined ? realEtcd() : running("etcd", urls.etcd), second(urls)];
  console.log(`seed=${seed} operations=${count} ${targets.map((target) => target.name).join(" and ")}`);
  const performed: Operation[] = [];
  const pair = await startPair(targets);
  const report = progress(count, performed);
  const { count: done, difference } = await compareRandom(pair, seed, count, {
    onOperation: (operation) => performed.push(operation),
    scope: all === true ? "all" : "base",
  }).finally(async () => {
    clearInterval(report);
    await pair.stop();
  });
  if (difference !== undefined) {
    console.log(`seed ${seed}, operation ${difference.number} differs\n`);
    console.log(
      formatDifference(
        difference,
        targets.map((target) => target.name),
      ),
    );
    if (targets.every(isFresh)) await shrink(targets, performed, Number(shrinkSeconds) * 1000);
  }
  console.log(`operations=${done} differences=${difference === undefined ? 0 : 1}`);
  return difference === undefined ? 0 : 1;
}

function second({ etcdlite: url, self }: Pick<Options, "etcdlite" | "self">): Target {
  if (url !== undefined) return running("etcdlite", url);
  if (self === undefined) return etcdlite();
  return realEtcd("etcd 2", typeof self === "string" ? { binary: self } : {});
}

function progress(count: number, performed: readonly Operation[]): NodeJS.Timeout {
  const startMs = Date.now();
  return setInterval(() => {
    const rate = (performed.length * 1000) / (Date.now() - startMs);
    console.log(`${performed.length} of ${count}, ${Math.round(rate)} a second`);
  }, PROGRESS_INTERVAL_MS);
}
