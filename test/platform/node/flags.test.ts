/** Every flag of etcd 3.7.1, read as etcd reads it: compared with a real one where there is one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import type { FlagType } from "../../../src/platform/node/cli/flag-types.ts";
import { FLAGS, findFlag } from "../../../src/platform/node/cli/flags.ts";
import { LIMIT_FLAGS } from "../../../src/platform/node/cli/limit-flags.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { usageOf } from "../../../src/platform/node/cli/usage.ts";
import { findEtcd, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { ETCD_FLAGS } from "./support/etcd-flags.ts";

const etcd = findEtcd();
const ALONE = etcd === undefined && !toolsAreRequired();
if (ALONE) console.log(`skipped: flags beside a real etcd: ${MISSING_ETCD}`);

/** etcd's help still has them, its parser does not. */
const HELP_ONLY = ["discovery", "discovery-proxy"];
/** Ours alone. */
const OURS = [
  "from-snapshot",
  "log-requests",
  "h2",
  "fast-paths",
  ...LIMIT_FLAGS.map(({ name }) => name).filter((name) => !ETCD_FLAGS.includes(name)),
];

interface Samples {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

function samplesOf(type: FlagType): Samples {
  switch (type) {
    case "string":
    case "strings":
      return { good: ["x", "", "a,b", "--name"], bad: [] };
    case "urls":
      return {
        good: ["http://127.0.0.1:1", "https://[::1]:1, unix:///x", "HTTP://a:1", "http://:1", "unixs:x", ""],
        bad: ["x", "http://a", "http://a:1/", "ftp://a:1", "a:1", "http://a:b", "http://a:1,"],
      };
    case "origins":
      return { good: ["*", "http://a:1", "https://a:1,http://b:2"], bad: ["x", "ftp://a:1", "http://a:1/x"] };
    case "bool":
      return { good: ["1", "t", "T", "TRUE", "true", "True", "0", "f", "False"], bad: ["yes", "tRUE", "2"] };
    case "ignored":
      return { good: ["true", "x"], bad: [] };
    case "uint32":
      return {
        good: ["0", "4294967295", "0x10", "1_0"].slice(0, 3),
        bad: ["-1", "+1", "4294967296", "1e3", "x", "1.0"],
      };
    case "uint":
      return {
        good: ["1", "18446744073709551615", "0b11", "010"],
        bad: ["-1", "+1", "18446744073709551616", "08", ""],
      };
    case "int":
      return {
        good: ["1", "-1", "+1", "0o17", "9223372036854775807"],
        bad: ["9223372036854775808", "1__0", "_1", "x", "0x"],
      };
    case "duration":
      return {
        good: ["0", "1s", "1.5h", ".5s", "1h2m3s", "3µs", "-1m"],
        bad: ["1", "1d", "", "1 s", "s", "300000000h"],
      };
    case "feature gates":
      return {
        good: ["", "AllAlpha=true", "CompactHashCheck=1, PriorityRequest=f"],
        bad: ["X=true", "AllAlpha", "AllAlpha=x"],
      };
    default:
      return { good: type, bad: ["x", `${type[0]} `] };
  }
}

/** Why the line is refused; undefined if it can be read. */
function refusal(args: readonly string[]): string | undefined {
  try {
    const line = readCommandLine(args, {});
    if (line.kind === "usage") usageOf(line.args);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether a real etcd can read the flags: it goes on to look at what is behind them. */
async function isReadByEtcd(args: readonly string[]): Promise<boolean> {
  const child = spawn(etcd as string, [...args, "END"], { stdio: ["ignore", "ignore", "pipe"], env: {} });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(child, "close");
  return stderr.includes('\\"END\\" is not a valid flag');
}

async function inTurn<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

const inEtcd = FLAGS.filter(({ name }) => !OURS.includes(name) && !HELP_ONLY.includes(name));

describe("the flags of etcd's help", () => {
  test("CF1: are all there, by their own names", () => {
    const missing = ETCD_FLAGS.filter((name) => findFlag(name)?.flag.name !== name);
    expect(missing).toEqual([]);
    expect(ETCD_FLAGS.filter((name) => findFlag(name)?.warning !== undefined)).toEqual([]);
    expect(new Set(FLAGS.map(({ name }) => name)).size).toBe(FLAGS.length);
  });

  test.skipIf(ALONE)("CF1: are those of a real etcd's help", async () => {
    const child = spawn(etcd as string, ["--help"], { env: {} });
    let help = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        help += chunk.toString();
      });
    }
    await once(child, "close");
    const names = [...help.matchAll(/^ {2}--([a-z\d-]+)/gm)].map(([, name]) => name);
    expect([...new Set(names)].sort()).toEqual([...ETCD_FLAGS]);
  });
});

describe("values", () => {
  test.each(FLAGS)("CF1: --$name takes what is a value of its kind", ({ name, type }) => {
    const { good, bad } = samplesOf(type);
    for (const value of good) expect(refusal([`--${name}=${value}`]), value).toBeUndefined();
    for (const value of bad) {
      expect(refusal([`-${name}=${value}`]), value).toContain(`invalid value ${JSON.stringify(value)} for --${name}: `);
    }
  });

  test.skipIf(ALONE)("CF1: a real etcd takes all of them with one value each", async () => {
    const args = inEtcd.map(({ name, type }) => `--${name}=${samplesOf(type).good[0]}`);
    expect(await isReadByEtcd(args)).toBe(true);
  });

  test.skipIf(ALONE)("CF1: a real etcd refuses the same value of each", async () => {
    const taken: string[] = [];
    await inTurn(inEtcd, async ({ name, type }) => {
      const [value] = samplesOf(type).bad;
      if (value !== undefined && (await isReadByEtcd([`--${name}=${value}`]))) taken.push(name);
    });
    expect(taken).toEqual([]);
  });

  test.skipIf(ALONE)("CF1: of each kind a real etcd takes and refuses the same values", async () => {
    const kinds = new Map(inEtcd.map((flag) => [JSON.stringify(flag.type), flag]));
    const wrong: string[] = [];
    await inTurn([...kinds.values()], async ({ name, type }) => {
      const { good, bad } = samplesOf(type);
      for (const value of good)
        if (!(await isReadByEtcd([`--${name}=${value}`]))) wrong.push(`${name} refuses ${value}`);
      for (const value of bad) if (await isReadByEtcd([`--${name}=${value}`])) wrong.push(`${name} takes ${value}`);
    });
    expect(wrong).toEqual([]);
  });
});

const REFUSED: readonly (readonly string[])[] = [
  ["--bogus"],
  ["--name"],
  ["--heartbeat-interval=0"],
  ["--election-timeout=0"],
  ["--heartbeat-interval=201"],
  ["--election-timeout=50001"],
  ["--discovery-fallback=proxy"],
  ["--discovery-token=x"],
  ["--discovery-endpoints=x"],
  ["--discovery-srv=x", "--initial-cluster=default=http://localhost:2380"],
  ["--compact-hash-check-time=0"],
  ["--feature-gates=LeaseCheckpointPersist=true"],
  ["--enable-distributed-tracing", "--distributed-tracing-sampling-rate=1000001"],
  ["--listen-peer-urls=http://example.com:1"],
  ["--initial-advertise-peer-urls=http://:1"],
  ["--advertise-client-urls=http://:1"],
  ["--initial-cluster=other=http://localhost:2380"],
  ["--initial-cluster=default=localhost"],
  ["--initial-cluster=default=http://127.0.0.1:1"],
  ["--initial-cluster=default=http://localhost:2380,a=http://localhost:2380"],
  ["--auto-compaction-mode=x"],
  ["--auto-compaction-retention=x"],
  ["--tls-min-version=TLS1.1"],
  ["--tls-min-version=TLS1.3", "--tls-max-version=TLS1.2"],
  ["--log-level=loud"],
  ["--log-format=xml"],
  ["--logger=capnslog"],
  ["--log-outputs=default,stdout"],
  ["--enable-log-rotation"],
  ["--enable-log-rotation", "--log-outputs=x.log", "--log-rotation-config-json={"],
];

describe("lines that make no sense together", () => {
  test.each(REFUSED.map((args) => [args]))("CF1: %j is refused in one line", (args) => {
    const use = (): unknown => {
      const line = readCommandLine(["--initial-advertise-peer-urls=http://localhost:2380", ...args], {});
      if (line.kind === "usage") return usageOf(line.args);
      return line.kind === "run" && settingsOf(line.values, line.address);
    };
    expect(use).toThrow(/^[^\n]+$/);
  });

  test.skipIf(ALONE)("CF1: a real etcd refuses them too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "etcd-flags-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const taken: string[] = [];
    await inTurn(REFUSED, async (args) => {
      const line = args.join(" ");
      // What it would need to serve; flags that come later win.
      const base = [
        "--listen-peer-urls=http://127.0.0.1:0",
        `--data-dir=${join(folder, String(REFUSED.indexOf(args)))}`,
      ];
      const urls = ["--listen-client-urls=http://127.0.0.1:0", "--advertise-client-urls=http://a:1"];
      const child = spawn(etcd as string, [...base, ...urls, ...args], {
        stdio: ["ignore", "ignore", "pipe"],
        env: {},
      });
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        if (!chunk.includes("ready to serve client requests")) return;
        taken.push(line);
        child.kill("SIGKILL");
      });
      const [code] = (await once(child, "close")) as [number | null];
      if (code === 0) taken.push(line);
    });
    expect(taken).toEqual([]);
  });
});
