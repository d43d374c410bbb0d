/** Runs a program to its end, and gives what it printed. */
import { spawn } from "node:child_process";

/** So long no load takes, however slow the machine: one that does has lost a reply. */
const TIMEOUT_MS = 600_000;

export interface CommandOptions {
  /** Told of each line as it comes. */
  onLine?(line: string): void;
  readonly env?: Readonly<Record<string, string>>;
}

/** @throws Error with what it has printed to stderr last, where it fails */
export function outputOf(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env, timeout: TIMEOUT_MS });
    let output = "";
    let errors = "";
    let line = 0;
    child.stdout.on("data", (chunk) => {
      output += chunk;
      for (let end = output.indexOf("\n", line); end !== -1; end = output.indexOf("\n", line)) {
        options.onLine?.(output.slice(line, end));
        line = end + 1;
      }
    });
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-2000);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ended with ${code ?? signal}\n${output.slice(-2000)}\n${errors}`));
    });
  });
}
