/**
 * `npm run fuzz`: what reads others' bytes is given bytes that nobody would send.
 *
 *     npm run fuzz -- --minutes 60
 *     npm run fuzz -- --minutes 5 --target snapshot --seed 7
 *
 * The time is divided among the targets. A finding is printed as a test. Ends with `executions=N findings=N`.
 */
import { parseArgs } from "node:util";
import type { Finding } from "./fuzzer.ts";
import { seedOf } from "./random.ts";
import { fuzzTarget } from "./supervise.ts";
import { TARGETS, type TargetName } from "./target.ts";

const MS_PER_MINUTE = 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    target: { type: "string", multiple: true },
    seed: { type: "string", default: "1" },
  },
});

function targetsOf(names: readonly string[] | undefined): readonly TargetName[] {
  for (const name of names ?? []) {
    if (!TARGETS.some((target) => target === name)) {
      console.error(`there is no target ${name}; there are ${TARGETS.join(", ")}`);
      process.exit(2);
    }
  }
  return (names as readonly TargetName[] | undefined) ?? TARGETS;
}

function asTest(name: TargetName, { input, reason }: Finding): string {
  const what = (reason.split("\n", 1)[0] as string).slice(0, 100);
  return [
    `--- ${name}: ${reason}`,
    `test(${JSON.stringify(`${name}: ${what}`)}, async () => {`,
    `  const input = Buffer.from("${Buffer.from(input).toString("base64")}", "base64");`,
    `  expect(await failureOf(await openTarget("${name}"), input)).toBeUndefined();`,
    "});",
    "",
  ].join("\n");
}

const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error("--minutes N and --seed N are numbers");
  process.exit(2);
}
const targets = targetsOf(values.target);
const shareMs = (minutes * MS_PER_MINUTE) / targets.length;
let executions = 0;
let findings = 0;
for (const name of targets) {
  const outcome = await fuzzTarget(name, seedOf(seed, name), shareMs);
  executions += outcome.executions;
  findings += outcome.findings.length;
  const { corpus, characters } = outcome;
  console.log(`${name} seed=${seed} executions=${outcome.executions} corpus=${corpus} covered=${characters}`);
  for (const finding of outcome.findings) console.log(asTest(name, finding));
}
console.log(`executions=${executions} findings=${findings}`);
process.exitCode = findings === 0 ? 0 : 1;
