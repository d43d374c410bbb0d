/**
 * The loop: mutate an input of the corpus, run it, and keep it if it reached a block that none has reached before.
 * Coverage is taken once a batch, as that takes longer than many inputs; which of a batch reached something new is
 * found by running halves of it again.
 */
import type { Coverage } from "./coverage.ts";
import { minimise } from "./minimise.ts";
import { Mutator } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

export interface Finding {
  readonly input: Uint8Array;
  readonly reason: string;
}

export interface FuzzerOptions {
  readonly target: Target;
  readonly seed: number;
  /** Undefined for mutations without guidance. */
  readonly coverage?: Coverage | undefined;
  /** Told of each input right before it is run. */
  readonly onInput?: (input: Uint8Array) => void;
  readonly onFinding: (finding: Finding) => void;
}

const BATCH = 256;
const DEFAULT_MAX_BYTES = 4096;
const MINIMISE_TRIES = 3000;
/** What one input may leave behind in buffers. */
const MAX_BUFFER_BYTES = 512 * 1024 * 1024;

export class Fuzzer {
  executions = 0;
  readonly corpus: Uint8Array[];
  readonly #options: FuzzerOptions;
  readonly #mutator: Mutator;
  readonly #found = new Set<string>();

  constructor(options: FuzzerOptions) {
    this.#options = options;
    const { target, seed } = options;
    const maxBytes = target.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#mutator = new Mutator(new Random(seed), target.dictionary ?? [], maxBytes);
    // Copies: a Buffer's own slice is none.
    this.corpus = target.seeds.map((bytes) => Uint8Array.from(bytes));
  }

  /** Each seed as it is. */
  async start(): Promise<void> {
    for (const seed of [...this.corpus]) await this.#check(seed);
    this.#options.coverage?.keep();
  }

  async batch(): Promise<void> {
    const { coverage } = this.#options;
    const inputs: Uint8Array[] = [];
    for (let i = 0; i < BATCH; i++) {
      const input = this.#mutator.next(this.corpus);
      inputs.push(input);
      await this.#check(input);
    }
    if (process.memoryUsage.rss() > 2 * MAX_BUFFER_BYTES && process.memoryUsage().arrayBuffers > MAX_BUFFER_BYTES) {
      throw new Error(`${process.memoryUsage().arrayBuffers} bytes of buffers are held`);
    }
    if (coverage === undefined || !coverage.hasNew()) return;
    await this.#keepNew(inputs, coverage);
    // What runs only once in a process was not met again.
    for (const input of inputs) await this.#check(input);
    coverage.keep();
  }

  /** Keeps those that reach what none has reached before. */
  async #keepNew(inputs: readonly Uint8Array[], coverage: Coverage): Promise<void> {
    for (const input of inputs) await this.#check(input);
    if (!coverage.hasNew()) return;
    const [input] = inputs;
    if (inputs.length === 1 && input !== undefined) {
      await this.#check(input);
      coverage.keep();
      this.corpus.push(input);
      return;
    }
    const middle = inputs.length >> 1;
    await this.#keepNew(inputs.slice(0, middle), coverage);
    await this.#keepNew(inputs.slice(middle), coverage);
  }

  async #check(input: Uint8Array): Promise<void> {
    this.executions++;
    this.#options.onInput?.(input);
    const reason = await failureOf(this.#options.target, input);
    if (reason === undefined) return;
    const place = placeOf(reason);
    // One of each kind is enough.
    if (this.#found.has(place)) return;
    this.#found.add(place);
    const fails = async (candidate: Uint8Array): Promise<boolean> => {
      this.#options.onInput?.(candidate);
      const other = await failureOf(this.#options.target, candidate);
      return other !== undefined && placeOf(other) === place;
    };
    const smallest = await minimise(input, fails, MINIMISE_TRIES);
    this.#options.onFinding({ input: smallest, reason });
  }
}

/** Undefined for an input that is read or refused as it should be. */
export async function failureOf({ run }: Target, input: Uint8Array): Promise<string | undefined> {
  try {
    // Views of their own: whoever writes into what it reads must not change the corpus.
    const result = run(input.slice());
    if (result !== undefined) await result;
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** What failures have in common that have one cause: the kind of error and where it was thrown. */
function placeOf(reason: string): string {
  const lines = reason.split("\n");
  const kind = /^\w+/.exec(lines[0] ?? "")?.[0];
  const frame = lines.find((line) => /^\s+at (?!hold )/.test(line)) ?? "";
  return `${kind} ${frame.replace(/:\d+\)?$/, "")}`;
}
