/**
 * Cases and their outcome: one line a case, as soon as it is known, and the sums at the end.
 *
 *   ok etcdctl-3.7: put
 *   FAIL go: txn            then the detail, indented
 *   skip python             then what is missing and how to get it
 */
import { NotApplicable, Skipped } from "./suite.ts";

const CASE_TIMEOUT_MS = 60_000;
const GROUP_TIMEOUT_MS = 180_000;
const SHOWN_FRAMES = 2;

export type Counts = { passed: number; failed: number; skipped: number };

export type Judging = {
  /** What a missing tool is: a failure, not a skip. */
  readonly requireAll: boolean;
  /** Only cases whose name has this in it are run. */
  readonly only: string;
};

/** Takes the outcomes of one suite. */
export class Recorder {
  readonly suite: string;
  private readonly counts: Counts;
  private readonly judging: Judging;

  constructor(suite: string, counts: Counts, judging: Judging) {
    this.suite = suite;
    this.counts = counts;
    this.judging = judging;
  }

  /** The same sums under another name: one suite may drive several versions of its client. */
  named(suite: string): Recorder {
    return new Recorder(suite, this.counts, this.judging);
  }

  /** False for a case that the user did not ask for. */
  runs(name: string): boolean {
    return name.includes(this.judging.only);
  }

  /** Runs one case; its failure is recorded, never thrown. */
  async test(name: string, body: () => Promise<void>, timeoutMs = CASE_TIMEOUT_MS): Promise<void> {
    if (this.runs(name)) await this.record(name, body, timeoutMs);
  }

  /** Cases that share a server of their own, which is a case too: that it starts and is set up. */
  async group(server: string, body: () => Promise<void>): Promise<void> {
    await this.record(server, body, GROUP_TIMEOUT_MS);
  }

  private async record(name: string, body: () => Promise<void>, timeoutMs: number): Promise<void> {
    try {
      await within(timeoutMs, name, body());
      this.pass(name);
    } catch (error) {
      if (error instanceof Skipped) this.skip(name, error.message);
      else if (error instanceof NotApplicable) this.notApplicable(name, error.message);
      else this.fail(name, describe(error));
    }
  }

  pass(name: string): void {
    this.counts.passed++;
    console.log(`ok ${this.suite}: ${name}`);
  }

  fail(name: string, detail: string): void {
    this.counts.failed++;
    console.log(`FAIL ${this.suite}: ${name}\n${detail.replace(/^/gm, "    ")}`);
  }

  /** A tool that is not here; a failure where everything is required. */
  skip(name: string, missing: string): void {
    if (this.judging.requireAll) {
      this.fail(name, `missing, and ETCDLITE_REQUIRE=all: ${missing}`);
      return;
    }
    this.counts.skipped++;
    console.log(`skip ${this.suite}: ${name}: ${missing}`);
  }

  /** What the subject does not do, for a reason given (etcd speaks no gRPC-Web): never counted as failed. */
  notApplicable(name: string, why: string): void {
    this.counts.skipped++;
    console.log(`skip ${this.suite}: ${name}: ${why}`);
  }
}

/** Rejects when the work takes longer; the work itself is not ended by that. */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${describe(error.cause)}`;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ +at .*test\/clients\/(?!harness)/.test(line));
  return [error.message, ...frames.slice(0, SHOWN_FRAMES)].join("\n") + cause;
}
