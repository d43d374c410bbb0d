/** The real command on a data dir, to be ended at any moment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const MAIN = join(import.meta.dirname, "..", "..", "src", "platform", "node", "main.ts");

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #output = "";

  constructor(dataDir: string) {
    const args = [MAIN, "--data-dir", dataDir, "--log-level", "error", "127.0.0.1:0"];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#exit = once(this.#child, "exit");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#output += chunk;
      });
    }
  }

  /** Settles when it listens, with its URL. */
  async ready(): Promise<string> {
    for (;;) {
      const url = /etcdlite listening on (\S+) \(/.exec(this.#output)?.[1];
      if (url !== undefined) return url;
      if (this.#child.exitCode !== null) throw new Error(`the server did not start:\n${this.#output}`);
      await Promise.race([once(this.#child.stdout as NonNullable<ChildProcess["stdout"]>, "data"), this.#exit]);
      await pause(0);
    }
  }

  /** By SIGKILL: it is told nothing. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  /** By SIGTERM; returns its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    await this.#exit;
    return this.#child.exitCode;
  }
}
