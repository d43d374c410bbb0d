/**
 * Cases and their outcome: one line a case, as soon as it is known, and the sums at the end.
 *
 *   ok etcdctl-3.7: put
 *   FAIL go: txn            then the detail, indented
 *   skip python             then what is missing and how to get it
 */
import { NotApplicable, Skipped } from "./suite.ts";

const CASE_TIMEOUT_MS = 30_000;
const SHOWN_FRAMES = 2;

export type Counts = { passed: number; failed: number; skipped: number };

/** Takes the outcomes of one suite. */
export class Recorder {
  readonly suite: string;
  private readonly counts: Counts;
  private readonly requireAll: boolean;

  constructor(suite: string, counts: Counts, requireAll: boolean) {
    this.suite = suite;
    this.counts = counts;
    this.requireAll = requireAll;
  }

  /** The same sums under another name: one suite may drive several versions of its client. */
  named(suite: string): Recorder {
    return new Recorder(suite, this.counts, this.requireAll);
  }

  /** Runs one case; its failure is recorded, never thrown. */
  async test(name: string, body: () => Promise<void>, timeoutMs = CASE_TIMEOUT_MS): Promise<void> {
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
    if (this.requireAll) {
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
