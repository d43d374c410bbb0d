/** Everything that happens in a run, as a hash: two runs with the same one were the same. */
export class Trace {
  #hash = 0x811c9dc5;
  #other = 0;
  /** The last of it, for people. */
  readonly #lines: string[] | undefined;

  constructor(keepsLines = false) {
    this.#lines = keepsLines ? [] : undefined;
  }

  add(line: string): void {
    let hash = this.#hash;
    for (let at = 0; at < line.length; at++) hash = Math.imul(hash ^ line.charCodeAt(at), 0x01000193);
    this.#hash = hash;
    this.#other = (Math.imul(this.#other, 31) + hash) | 0;
    this.#lines?.push(line);
  }

  get hash(): string {
    return ((this.#hash >>> 0).toString(16) + (this.#other >>> 0).toString(16)).padStart(16, "0");
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
