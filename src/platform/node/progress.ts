/**
 * How far long work is, for people: on a terminal one line that is kept up to date and goes when the work is done,
 * else a line every few seconds, and none for work that takes less.
 */

export interface Progress {
  /**
   * A part of the work; one at a time.
   * @param totalBytes 0 where it is not known
   */
  begin(what: string, totalBytes?: number): ProgressTask;
}

export interface ProgressTask {
  /** So many bytes more are done. */
  advance(bytes: number): void;
  end(): void;
}

export interface ProgressOptions {
  readonly terminal: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** Takes the lines where there is no terminal. */
  readonly say: (line: string) => void;
  readonly nowMs: () => number;
}

const nothing = (): void => {};
export const NO_PROGRESS: Progress = { begin: () => ({ advance: nothing, end: nothing }) };

const REFRESH_MS = 100;
const LINE_MS = 5_000;
const DEFAULT_COLUMNS = 80;
const MIB = 1024 * 1024;
/** To the line's start, and empty it. */
const CLEAR = "\r\u001b[K";

/** The same, but the work ends with the signal's reason: it is asked as often as there is progress. */
export function abortable(progress: Progress, signal: AbortSignal | undefined): Progress {
  if (signal === undefined) return progress;
  return {
    begin: (what, totalBytes) => {
      signal.throwIfAborted();
      const task = progress.begin(what, totalBytes);
      return {
        advance: (bytes) => {
          task.advance(bytes);
          signal.throwIfAborted();
        },
        end: () => task.end(),
      };
    },
  };
}

export function createProgress(options: ProgressOptions): Progress {
  return { begin: (what, totalBytes = 0) => new Task(options, what, totalBytes) };
}

class Task implements ProgressTask {
  readonly #options: ProgressOptions;
  readonly #what: string;
  readonly #totalBytes: number;
  #doneBytes = 0;
  #saidMs: number;

  constructor(options: ProgressOptions, what: string, totalBytes: number) {
    this.#options = options;
    this.#what = what;
    this.#totalBytes = totalBytes;
    this.#saidMs = options.nowMs();
    // What follows may keep the process busy until it is done.
    if (options.terminal.isTTY === true) this.#show();
  }

  advance(bytes: number): void {
    this.#doneBytes += bytes;
    const { terminal, say, nowMs } = this.#options;
    const isShown = terminal.isTTY === true;
    const sinceMs = nowMs() - this.#saidMs;
    if (sinceMs < (isShown ? REFRESH_MS : LINE_MS)) return;
    this.#saidMs += sinceMs;
    if (isShown) this.#show();
    else say(this.#text());
  }

  end(): void {
    const { terminal } = this.#options;
    if (terminal.isTTY === true) terminal.write(CLEAR);
  }

  #show(): void {
    const { terminal } = this.#options;
    // A longer line would not be gone with the next.
    terminal.write(CLEAR + this.#text().slice(0, (terminal.columns || DEFAULT_COLUMNS) - 1));
  }

  #text(): string {
    if (this.#doneBytes === 0) return `${this.#what} …`;
    const done = mebibytes(this.#doneBytes);
    if (this.#totalBytes === 0) return `${this.#what}: ${done} MiB`;
    // What is known beforehand may be an estimate.
    const percent = Math.min(99, Math.floor((100 * this.#doneBytes) / this.#totalBytes));
    return `${this.#what}: ${percent} % of ${mebibytes(this.#totalBytes)} MiB`;
  }
}

function mebibytes(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
