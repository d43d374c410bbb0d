/** The server under load: the real command, in a process of its own, that can be asked for its memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ProbeAnswer } from "./probe.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "platform", "node", "main.ts");
const PROBE = join(import.meta.dirname, "probe.ts");

export class SoakServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #isStopping = false;

  private constructor(url: string, child: ChildProcess, exit: Promise<unknown>) {
    this.url = url;
    this.#child = child;
    this.#exit = exit;
    void exit.then(() => {
      if (this.#isStopping) return;
      console.log(`the server has ended: ${child.signalCode ?? child.exitCode}`);
      process.exit(1);
    });
  }

  static async start(flags: readonly string[]): Promise<SoakServer> {
    const args = ["--expose-gc", "--import", PROBE, MAIN, "--log-level", "warn", ...flags, "127.0.0.1:0"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const exit = once(child, "exit");
    let output = "";
    for await (const chunk of child.stdout as NonNullable<typeof child.stdout>) {
      output += chunk;
      const url = /etcdlite listening on (http:\/\/\S+) \(/.exec(output)?.[1];
      if (url !== undefined) return new SoakServer(url, child, exit);
    }
    throw new Error(`the server did not start: ${output}`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** After a full collection. */
  async memory(): Promise<ProbeAnswer> {
    const answer = once(this.#child, "message");
    this.#child.send({});
    return (await answer)[0] as ProbeAnswer;
  }

  writeHeapSnapshot(path: string): void {
    this.#child.send({ heapSnapshot: path });
  }

  /** By SIGTERM; returns its exit code. */
  async stop(): Promise<number | null> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    await this.#exit;
    return this.#child.exitCode;
  }
}
