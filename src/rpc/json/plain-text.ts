/** A place in a JSON text that moves on over what is plain: ASCII, nothing escaped, numbers as anyone would write them. */
import { readStandardBase64 } from "./base64.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const ZERO = 0x30;
/** So long are numbers, with their sign, that are certain to be in 32 bits, and to be exact in a double. */
const MAX_INT32_CHARACTERS = 9;
const MAX_EXACT_CHARACTERS = 15;
/** None of 64 bits is longer. */
const MAX_INT64_CHARACTERS = 20;
/** Put together here: a TextDecoder costs more than they do. */
const MAX_SHORT_CHARACTERS = 24;
const ASCII = new TextDecoder("latin1");

export class PlainText {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get hasEnded(): boolean {
    this.#skipBlanks();
    return this.#at === this.#bytes.length;
  }

  /** Whether this one was next; it is behind us then. */
  take(byte: number): boolean {
    this.#skipBlanks();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** One of these names in quotes, and the colon behind it; undefined for another. */
  name<T>(names: PlainNames<T>): T | undefined {
    const value = this.word(names);
    return value !== undefined && this.take(COLON) ? value : undefined;
  }

  /** One of these in quotes. */
  word<T>(names: PlainNames<T>): T | undefined {
    if (!this.take(QUOTE)) return undefined;
    const start = this.#at;
    const bytes = this.#bytes;
    let end = start;
    while (end < bytes.length && bytes[end] !== QUOTE) end++;
    this.#at = end + 1;
    return names.find(bytes, start, end);
  }

  /** Base64 in quotes, of the standard's alphabet and with its padding. */
  base64(): Uint8Array | undefined {
    if (!this.take(QUOTE)) return undefined;
    const start = this.#at;
    const end = this.#bytes.indexOf(QUOTE, start);
    this.#at = end + 1;
    return end === -1 ? undefined : readStandardBase64(this.#bytes, start, end);
  }

  string(): string | undefined {
    if (!this.take(QUOTE)) return undefined;
    const start = this.#at;
    for (let at = start; ; at++) {
      const byte = this.#bytes[at];
      if (byte === QUOTE) {
        this.#at = at + 1;
        return this.#ascii(start, at);
      }
      if (byte === undefined || byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return undefined;
    }
  }

  bool(): boolean | undefined {
    this.#skipBlanks();
    if (this.#takeWord("true")) return true;
    return this.#takeWord("false") ? false : undefined;
  }

  /** A number of one of these names, or one of its own. */
  enumNumber(names: PlainNames<number>): number | undefined {
    this.#skipBlanks();
    return this.#bytes[this.#at] === QUOTE ? this.word(names) : this.int32(true);
  }

  /** An integer that may be in quotes. */
  int32(isSigned: boolean): number | undefined {
    const digits = this.#digits(isSigned);
    return digits === undefined || digits.length > MAX_INT32_CHARACTERS ? undefined : Number(digits);
  }

  /** As `int32`; what is more than a double holds is exact to all readers in quotes alone. */
  int64(isSigned: boolean): bigint | undefined {
    const digits = this.#digits(isSigned);
    if (digits === undefined || digits.length > MAX_INT64_CHARACTERS) return undefined;
    if (digits.length <= MAX_EXACT_CHARACTERS) return BigInt(Number(digits));
    if (this.#bytes[this.#at - 1] !== QUOTE) return undefined;
    const value = BigInt(digits);
    return (isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value ? value : undefined;
  }

  /** Undefined for what is no integer as anyone would write it: -0, 007, 1e3. */
  #digits(isSigned: boolean): string | undefined {
    const isQuoted = this.take(QUOTE);
    const start = this.#at;
    const bytes = this.#bytes;
    const isNegative = isSigned && bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let end = first;
    while (isDigit(bytes[end])) end++;
    if (end === first || (bytes[first] === ZERO && (isNegative || end > first + 1))) return undefined;
    this.#at = end;
    if (isQuoted && bytes[this.#at++] !== QUOTE) return undefined;
    return this.#ascii(start, end);
  }

  #takeWord(word: string): boolean {
    for (let at = 0; at < word.length; at++) {
      if (this.#bytes[this.#at + at] !== word.charCodeAt(at)) return false;
    }
    this.#at += word.length;
    return true;
  }

  #ascii(start: number, end: number): string {
    if (end - start > MAX_SHORT_CHARACTERS) return ASCII.decode(this.#bytes.subarray(start, end));
    let text = "";
    for (let at = start; at < end; at++) text += String.fromCharCode(this.#bytes[at] as number);
    return text;
  }

  #skipBlanks(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39;
}

/** Names of ASCII and what they stand for, found without a string being made. */
export class PlainNames<T> {
  /** By their length. */
  readonly #names: { readonly characters: string; readonly value: T }[][] = [];

  add(characters: string, value: T): void {
    const sameLength = this.#names[characters.length] ?? [];
    this.#names[characters.length] = sameLength;
    if (!sameLength.some((other) => other.characters === characters)) sameLength.push({ characters, value });
  }

  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    for (const { characters, value } of this.#names[end - start] ?? []) {
      let at = 0;
      while (at < characters.length && bytes[start + at] === characters.charCodeAt(at)) at++;
      if (at === characters.length) return value;
    }
    return undefined;
  }
}
