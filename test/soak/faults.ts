/** What went wrong without having been asked for: each is counted, and of each kind the first is printed. */
export class Faults {
  #count = 0;
  readonly #kinds = new Map<string, number>();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get count(): number {
    return this.#count;
  }

  /** @param kind a sentence without numbers, so that the same fault is told once */
  add(kind: string, detail: unknown = ""): void {
    this.#count++;
    const times = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, times);
    if (times === 1) this.#print(`fault: ${kind}: ${detail instanceof Error ? detail.message : String(detail)}`);
  }

  /** Each kind, and how often. */
  summary(): string[] {
    return [...this.#kinds].map(([kind, times]) => `${times} × ${kind}`);
  }
}
