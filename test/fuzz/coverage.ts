/**
 * Which characters of the sources were run, by V8's precise coverage of blocks. Modules must be loaded after it has
 * begun: what was compiled before is only counted as whole functions.
 */
import { type Profiler, Session } from "node:inspector";

/** Of ours, and of the libraries that read for us. */
const COUNTED = /^file:.*\/(?:src|node_modules\/(?:@bufbuild\/protobuf|yaml|jose|commander|ws))\//;

export class Coverage {
  readonly #session = new Session();
  /** By function, as V8 tells blocks within functions: 1 for each character that has run. */
  readonly #covered = new Map<string, Uint8Array>();
  characters = 0;

  start(): void {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Whether anything has run since it was last asked that was never kept. */
  hasNew(): boolean {
    return this.#since((covered, run) => run.some((isRun, at) => isRun > (covered[at] ?? 0)));
  }

  /** Takes what has run since it was last asked for known. */
  keep(): void {
    this.#since((covered, run) => {
      for (let at = 0; at < run.length; at++) {
        if ((run[at] ?? 0) <= (covered[at] ?? 0)) continue;
        covered[at] = 1;
        this.characters++;
      }
      return false;
    });
  }

  /** Asks about each function that has run; true as soon as an answer is. */
  #since(ask: (covered: Uint8Array, run: Uint8Array) => boolean): boolean {
    let result: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      result = taken.result;
    });
    for (const { url, functions } of result) {
      if (!COUNTED.test(url)) continue;
      for (const { ranges } of functions) {
        const [whole] = ranges;
        if (whole === undefined || whole.count === 0) continue;
        const run = charactersOf(whole, ranges);
        const place = `${url}:${whole.startOffset}`;
        const covered = this.#covered.get(place) ?? new Uint8Array(run.length);
        this.#covered.set(place, covered);
        if (ask(covered, run)) return true;
      }
    }
    return false;
  }
}

/** @param ranges the function and what is within it, each after the one that it is in */
function charactersOf(
  { startOffset, endOffset }: Profiler.CoverageRange,
  ranges: Profiler.CoverageRange[],
): Uint8Array {
  const run = new Uint8Array(endOffset - startOffset);
  for (const range of ranges) {
    run.fill(range.count > 0 ? 1 : 0, range.startOffset - startOffset, range.endOffset - startOffset);
  }
  return run;
}
