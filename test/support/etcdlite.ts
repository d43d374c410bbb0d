/**
 * etcdlite as a child process, as a user starts it: startEtcdlite(flags) resolves once the line
 * `etcdlite listening on URL` was printed, which the CLI prints only after the port answers.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endProcess } from "./etcd.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "platform", "node", "main.ts");
const START_TIMEOUT_MS = 60_000;

export type EtcdliteProcess = {
  /** The one URL it listens on, http://127.0.0.1:PORT. */
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far, both streams. */
  output(): string;
  stop(): Promise<void>;
};

/** Starts etcdlite on a free port of 127.0.0.1 with further flags, its own and Node's. */
export async function startEtcdlite(
  flags: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<EtcdliteProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} does not exist`);
  const args = [...nodeFlags, MAIN, "--listen-client-urls", "http://127.0.0.1:0", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no start within ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS);
      const read = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-20_000);
        const found = /etcdlite listening on (http:\/\/[^\s,]+)/.exec(output)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`exited with code ${code}`)));
    });
    return { url, pid: child.pid as number, output: () => output, stop: () => endProcess(child) };
  } catch (error) {
    await endProcess(child);
    throw new Error(`etcdlite did not start: ${String(error)}\n${output}`);
  }
}
