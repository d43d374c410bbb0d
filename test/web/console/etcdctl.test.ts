/** The console prints what etcdctl prints: the same lines, run by both against two fresh servers. */
import { execFile } from "node:child_process";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createServer, type EtcdliteServer } from "../../../src/platform/node/index.ts";
import { consoleClients } from "../../../web/src/console/commands/command.ts";
import { evaluate } from "../../../web/src/console/evaluate.ts";
import { parseLine } from "../../../web/src/console/language/shell.ts";
import { clientsOf } from "../../../web/src/store/clients.ts";
import { findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { SCRIPTS } from "./support/scripts.ts";

const etcdctl = findEtcdctl();
if (etcdctl === undefined) console.log(`the console is not compared with etcdctl: ${MISSING_ETCD}`);

/** A process a line, thirty lines a script: where others work too that takes its time. */
const TIMEOUT_MS = 240_000;

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** One of the two that are compared, with a server of its own. */
interface Side {
  run(line: string): Promise<Printed>;
}

let servers: EtcdliteServer[];
beforeEach(async () => {
  servers = await Promise.all([createServer(), createServer()]);
});
afterEach(() => Promise.all(servers.map((server) => server.close())));

function realSide({ url }: EtcdliteServer): Side {
  return {
    run: (line) =>
      new Promise((resolve) => {
        const words = line.replace(/^((?:# .*\n)*)/, `$1'${etcdctl}' --endpoints=${url} `);
        const child = execFile(
          "bash",
          ["--norc", "-c", words],
          { encoding: "latin1", env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" }, timeout: TIMEOUT_MS },
          (error, stdout, stderr) => resolve({ stdout, stderr, exitCode: Number(error?.code ?? 0) }),
        );
        child.stdin?.end();
      }),
  };
}

function consoleSide({ url }: EtcdliteServer): Side {
  const transport = createGrpcTransport({ baseUrl: url });
  const clients = consoleClients(clientsOf(transport), transport);
  return {
    async run(line) {
      const parsed = parseLine(line);
      if (parsed.kind !== "commands") throw new Error(`${line}: ${parsed.kind}`);
      let [stdout, stderr, exitCode] = ["", "", 0];
      for (const command of parsed.commands) {
        exitCode = await evaluate(command, {
          ...{ clients, endpoint: url, signal: AbortSignal.timeout(TIMEOUT_MS) },
          readLine: async () => undefined,
          output: {
            out: (text) => {
              stdout += text;
            },
            err: (text) => {
              stderr += text;
            },
          },
        });
      }
      return { stdout, stderr, exitCode };
    },
  };
}

/** Runs a script; what differs from run to run by its nature is replaced. */
async function transcript(script: readonly string[], side: Side, { url }: EtcdliteServer): Promise<string[]> {
  const seen: string[] = [];
  const lines: string[] = [];
  const named = (id: string): string => {
    const value = /^\d{17,}$/.test(id) ? BigInt(id) : BigInt(`0x${id}`);
    if (!seen.includes(value.toString())) seen.push(value.toString());
    return `ID${seen.indexOf(value.toString())}`;
  };
  let lease = "0";
  for (const line of script) {
    const { stdout, stderr, exitCode } = await side.run(line.replaceAll("LEASE", lease));
    lease = /lease ([0-9a-f]{16}) granted/.exec(stdout)?.[1] ?? lease;
    const said = stderr.split("\n").filter((text) => text !== "" && !text.startsWith("{"));
    const isUsage = said[1]?.startsWith("Usage:");
    const text = [line, stdout, ...(isUsage ? said.slice(0, 1) : said), `= ${exitCode}`].join("\n");
    lines.push(
      text
        .replaceAll(url, "URL")
        .replace(/(remaining\(|"ttl":|"TTL" : )5\d\d\b/g, "$1LEFT")
        .replace(/\b(\d{17,}|[0-9a-f]{16})\b/g, named)
        .replace(/(took"? ?[:=]? ?"?)[\d.]+(µs|Âµs|ms|s)/gi, "$1TIME"),
    );
  }
  return lines;
}

describe.skipIf(etcdctl === undefined && !toolsAreRequired())("as etcdctl", () => {
  test.each(Object.entries(SCRIPTS))(
    "%s",
    async (_name, script) => {
      const [first, second] = servers as [EtcdliteServer, EtcdliteServer];
      const [want, got] = await Promise.all([
        transcript(script, realSide(first), first),
        transcript(script, consoleSide(second), second),
      ]);
      expect(want.length).toBe(script.length);
      for (const [at, line] of want.entries()) expect.soft(got[at]).toBe(line);
    },
    TIMEOUT_MS,
  );
});
