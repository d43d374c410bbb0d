/**
 * Client programs as child processes: run to their end, or kept as a session that is written to, waited on
 * and ended by a signal. Every one has a time limit after which it is killed, so that no run hangs.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";

const RUN_TIMEOUT_MS = 40_000;

export type ExecOptions = {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
};

export type ExecResult = {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The exit code, or the signal that ended it. */
  readonly status: number | NodeJS.Signals;
};

/** Runs a program to its end; a non-zero exit is a result, not an error. */
export async function run(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const session = new Session(command, args, options);
  session.finishInput(options.stdin ?? "");
  return await session.exited();
}

/** A program that goes on running while the test looks at what it prints. */
export class Session {
  private readonly child: ChildProcess;
  private readonly title: string;
  private readonly done: Promise<number | NodeJS.Signals>;
  private readonly listeners = new Set<() => void>();
  private stdoutChunks: Buffer[] = [];
  private stderrText = "";
  private timedOut = false;
  private ended = false;

  constructor(command: string, args: readonly string[], options: ExecOptions = {}) {
    this.title = [command, ...args].join(" ");
    const env = { ...withoutEtcdVariables(), ...options.env };
    this.child = spawn(command, [...args], { env, cwd: options.cwd, stdio: ["pipe", "pipe", "pipe"] });
    // A program may end without reading its input; that shows in its status.
    this.child.stdin?.on("error", () => {});
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.stdoutChunks.push(chunk);
      this.wake();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderrText += chunk.toString();
      this.wake();
    });
    const timer = setTimeout(() => {
      this.timedOut = true;
      this.child.kill("SIGKILL");
    }, options.timeoutMs ?? RUN_TIMEOUT_MS);
    this.done = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => resolve(code ?? signal ?? 0));
    });
    const settle = (): void => {
      clearTimeout(timer);
      this.ended = true;
      this.wake();
    };
    this.done.then(settle, settle);
  }

  get stdout(): string {
    return Buffer.concat(this.stdoutChunks).toString("latin1");
  }

  get stderr(): string {
    return this.stderrText;
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  finishInput(rest: string | Uint8Array = ""): void {
    this.child.stdin?.end(rest);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves once stdout satisfies the condition; rejects when the program ends before that. */
  async waitFor(what: string, condition: (stdout: string) => boolean): Promise<void> {
    while (!condition(this.stdout)) {
      if (this.ended) throw new Error(`${this.title}: ended before ${what}\n${this.stdout}${this.stderrText}`);
      await new Promise<void>((resolve) => this.listeners.add(resolve));
    }
  }

  async exited(): Promise<ExecResult> {
    const status = await this.done;
    if (this.timedOut) throw new Error(`${this.title}: took too long and was killed\n${this.stdout}${this.stderrText}`);
    return { stdout: Buffer.concat(this.stdoutChunks), stderr: this.stderrText, status };
  }

  private wake(): void {
    const waiting = [...this.listeners];
    this.listeners.clear();
    for (const resolve of waiting) resolve();
  }
}

/** etcdctl and etcd read ETCD* variables as flags: a user's own must not change a test. */
function withoutEtcdVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ETCD(CTL)?_/.test(name)));
}
