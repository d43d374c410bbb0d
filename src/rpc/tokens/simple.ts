import type { Caller } from "../../server/index.ts";
import type { TokenProvider } from "./provider.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PREFIX_LENGTH = 16;
/** Bytes from here on would make some letters likelier than others. */
const USABLE_BYTES = 256 - (256 % LETTERS.length);
/** Tokens held before those are looked for that have run out. */
const MIN_SWEEP_SIZE = 1000;

interface HeldToken {
  readonly username: string;
  caller: Caller;
  expiresMs: number;
}

export interface SimpleTokensOptions {
  /** Of a clock that never goes back. */
  readonly nowMs: () => number;
  /** How long a token lasts that nobody uses. */
  readonly ttlMs: number;
}

/** etcd's simple tokens: 16 random letters and a number, known to who gave them, good for a while after each use. */
export class SimpleTokens implements TokenProvider {
  readonly #nowMs: () => number;
  readonly #ttlMs: number;
  readonly #tokens = new Map<string, HeldToken>();
  #sweepSize = MIN_SWEEP_SIZE;

  constructor({ nowMs, ttlMs }: SimpleTokensOptions) {
    this.#nowMs = nowMs;
    this.#ttlMs = ttlMs;
  }

  /** Tokens held, some of which may have run out. */
  get size(): number {
    return this.#tokens.size;
  }

  /** It counts as a use; who it is for is of the current revision, whatever that was when it was given. */
  find(token: string, revision: number): Caller | undefined {
    const held = this.#tokens.get(token);
    if (held === undefined) return undefined;
    const nowMs = this.#nowMs();
    if (held.expiresMs < nowMs) {
      this.#tokens.delete(token);
      return undefined;
    }
    held.expiresMs = nowMs + this.#ttlMs;
    if (held.caller.revision !== revision) held.caller = { username: held.username, revision };
    return held.caller;
  }

  assign(username: string, revision: number, index: number): string {
    if (this.#tokens.size >= this.#sweepSize) this.#sweep();
    const token = randomToken(index);
    this.#tokens.set(token, { username, caller: { username, revision }, expiresMs: this.#nowMs() + this.#ttlMs });
    return token;
  }

  invalidateUser(username: string): void {
    for (const [token, held] of this.#tokens) if (held.username === username) this.#tokens.delete(token);
  }

  clear(): void {
    this.#tokens.clear();
  }

  #sweep(): void {
    const nowMs = this.#nowMs();
    for (const [token, held] of this.#tokens) if (held.expiresMs < nowMs) this.#tokens.delete(token);
    this.#sweepSize = Math.max(MIN_SWEEP_SIZE, 2 * this.#tokens.size);
  }
}

/** @param index number of the last request before the login */
export function randomToken(index: number): string {
  return `${randomLetters(PREFIX_LENGTH)}.${index}`;
}

function randomLetters(count: number): string {
  let letters = "";
  while (letters.length < count) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * count))) {
      if (byte < USABLE_BYTES && letters.length < count) letters += LETTERS[byte % LETTERS.length];
    }
  }
  return letters;
}
