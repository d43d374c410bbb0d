/** The command as a user runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const MAIN = join(import.meta.dirname, "..", "..", "..", "..", "src", "platform", "node", "main.ts");
const READY = /^etcdlite listening on (\S+(?:, \S+)*) \(/m;

export interface Run {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exit: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Only the variables given: those of etcd on the machine that runs the test must not count. */
export function run(args: readonly string[], variables: Record<string, string> = {}): Run {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...variables } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    stderr += chunk;
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, stdout: () => stdout, stderr: () => stderr, exit };
}

/** Settles when it says that it listens, with the URLs. */
export async function started(process: Run, ready = READY): Promise<string[]> {
  const [, urls = ""] = await said(process, "stdout", ready);
  return urls.split(", ");
}

/** Settles when it has said so. */
export async function said(process: Run, stream: "stdout" | "stderr", text: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = text.exec(process[stream]());
    if (found !== null) return found;
    const ended = await Promise.race([
      once(process.child[stream] as NonNullable<ChildProcess["stdout"]>, "data").then(() => false),
      process.exit,
    ]);
    if (ended) throw new Error(`ended with ${JSON.stringify(ended)}`);
  }
}
