/**
 * Finds the end of a JSON value in bytes that come in pieces, as strict as Go's encoding/json and with its words
 * for what is wrong: etcd's gateway hands them to its clients.
 */
import { EtcdError, Status } from "../../errors.ts";
import { quotedByte } from "./quote.ts";

/** Go's. A value that is nested deeper is none. */
const MAX_DEPTH = 10_000;

const BEGIN_VALUE = 0;
const BEGIN_VALUE_OR_CLOSE = 1;
const BEGIN_KEY = 2;
const BEGIN_KEY_OR_CLOSE = 3;
const END_VALUE = 4;
const IN_STRING = 5;
const IN_ESCAPE = 6;
const IN_HEX = 7;
const IN_WORD = 8;
const AFTER_MINUS = 9;
const AFTER_ZERO = 10;
const IN_INTEGER = 11;
const AFTER_POINT = 12;
const IN_FRACTION = 13;
const AFTER_E = 14;
const AFTER_E_SIGN = 15;
const IN_EXPONENT = 16;

/** What a byte did to the top value: a number or word ends only with what comes behind it. */
const GO_ON = 0;
const ENDED_WITH = 1;
const ENDED_BEFORE = 2;
type Step = typeof GO_ON | typeof ENDED_WITH | typeof ENDED_BEFORE;

/** What is being read at each depth. */
const OBJECT_KEY = 0;
const OBJECT_VALUE = 1;
const ARRAY_VALUE = 2;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const WORDS: Readonly<Record<number, string>> = { 116: "true", 102: "false", 110: "null" };
const HEX_DIGITS = 4;

export class JsonScanner {
  #state = BEGIN_VALUE;
  readonly #stack: number[] = [];
  /** The literal that is being read, and how much of it was; or the hex digits that are left. */
  #word = "";
  #count = 0;
  #begun = false;

  /** Whether anything but blanks was seen. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * Reads on; the bytes before `start` were read by earlier calls.
   * @returns where the value ends, or undefined if it goes on behind `end`
   * @throws EtcdError with Go's words
   */
  scan(bytes: Uint8Array, start: number, end: number): number | undefined {
    for (let at = start; at < end; at++) {
      if (this.#state === IN_STRING) {
        at = skipPlain(bytes, at, end);
        if (at === end) return undefined;
      }
      const byte = bytes[at] as number;
      if (this.#state === END_VALUE && this.#stack.length === 0) return at;
      const step = this.#step(byte);
      if (step !== GO_ON) return step === ENDED_BEFORE ? at : at + 1;
    }
    return undefined;
  }

  /** There are no more bytes: whether they end a value. @throws EtcdError for a value that is cut short */
  finish(): boolean {
    if (!this.#begun) return false;
    const { length } = this.#stack;
    const ended = this.#state === END_VALUE || isNumberEnd(this.#state);
    if (length > 0 || !ended) throw new EtcdError(Status.INVALID_ARGUMENT, "unexpected EOF");
    return true;
  }

  reset(): void {
    this.#state = BEGIN_VALUE;
    this.#stack.length = 0;
    this.#begun = false;
  }

  #step(byte: number): Step {
    const state = this.#state;
    if (state <= END_VALUE) return this.#between(byte);
    if (state > IN_WORD) return this.#inNumber(byte);
    this.#inText(byte);
    return GO_ON;
  }

  #between(byte: number): Step {
    if (isSpace(byte)) return GO_ON;
    this.#begun = true;
    switch (this.#state) {
      case BEGIN_VALUE_OR_CLOSE:
        if (byte === 0x5d) return this.#close();
        this.#beginValue(byte);
        return GO_ON;
      case BEGIN_VALUE:
        this.#beginValue(byte);
        return GO_ON;
      case BEGIN_KEY_OR_CLOSE:
        if (byte === 0x7d) return this.#close();
        this.#beginKey(byte);
        return GO_ON;
      case BEGIN_KEY:
        this.#beginKey(byte);
        return GO_ON;
      default:
        return this.#endValue(byte);
    }
  }

  #beginKey(byte: number): void {
    if (byte !== QUOTE) throw unexpected(byte, "looking for beginning of object key string");
    this.#state = IN_STRING;
  }

  #beginValue(byte: number): void {
    const word = WORDS[byte];
    if (byte === 0x7b) this.#open(byte, OBJECT_KEY, BEGIN_KEY_OR_CLOSE);
    else if (byte === 0x5b) this.#open(byte, ARRAY_VALUE, BEGIN_VALUE_OR_CLOSE);
    else if (byte === QUOTE) this.#state = IN_STRING;
    else if (byte === 0x2d) this.#state = AFTER_MINUS;
    else if (byte === 0x30) this.#state = AFTER_ZERO;
    else if (isDigit(byte)) this.#state = IN_INTEGER;
    else if (word !== undefined) {
      this.#state = IN_WORD;
      this.#word = word;
      this.#count = 1;
    } else throw unexpected(byte, "looking for beginning of value");
  }

  #open(byte: number, kind: number, state: number): void {
    this.#stack.push(kind);
    if (this.#stack.length > MAX_DEPTH) throw unexpected(byte, "exceeded max depth");
    this.#state = state;
  }

  #close(): Step {
    this.#stack.pop();
    this.#state = END_VALUE;
    return this.#stack.length === 0 ? ENDED_WITH : GO_ON;
  }

  /** A byte behind a value: what stands around the value says what it may be. */
  #endValue(byte: number): Step {
    const top = this.#stack.length - 1;
    switch (this.#stack[top]) {
      case OBJECT_KEY:
        if (byte !== COLON) throw unexpected(byte, "after object key");
        this.#stack[top] = OBJECT_VALUE;
        this.#state = BEGIN_VALUE;
        return GO_ON;
      case OBJECT_VALUE:
        if (byte === 0x7d) return this.#close();
        if (byte !== COMMA) throw unexpected(byte, "after object key:value pair");
        this.#stack[top] = OBJECT_KEY;
        this.#state = BEGIN_KEY;
        return GO_ON;
      case ARRAY_VALUE:
        if (byte === 0x5d) return this.#close();
        if (byte !== COMMA) throw unexpected(byte, "after array element");
        this.#state = BEGIN_VALUE;
        return GO_ON;
      default:
        return ENDED_BEFORE;
    }
  }

  #inText(byte: number): void {
    switch (this.#state) {
      case IN_STRING:
        if (byte === QUOTE) this.#state = END_VALUE;
        else if (byte === BACKSLASH) this.#state = IN_ESCAPE;
        else if (byte < SPACE) throw unexpected(byte, "in string literal");
        return;
      case IN_ESCAPE:
        if (byte === 0x75) {
          this.#state = IN_HEX;
          this.#count = HEX_DIGITS;
        } else if ('bfnrt\\/"'.includes(String.fromCharCode(byte))) this.#state = IN_STRING;
        else throw unexpected(byte, "in string escape code");
        return;
      case IN_HEX:
        if (!isHexDigit(byte)) throw unexpected(byte, "in \\u hexadecimal character escape");
        if (--this.#count === 0) this.#state = IN_STRING;
        return;
      default: {
        const wanted = this.#word[this.#count] as string;
        if (byte !== wanted.charCodeAt(0)) {
          throw unexpected(byte, `in literal ${this.#word} (expecting '${wanted}')`);
        }
        if (++this.#count === this.#word.length) this.#state = END_VALUE;
      }
    }
  }

  #inNumber(byte: number): Step {
    const digit = isDigit(byte);
    switch (this.#state) {
      case AFTER_MINUS:
        if (!digit) throw unexpected(byte, "in numeric literal");
        this.#state = byte === 0x30 ? AFTER_ZERO : IN_INTEGER;
        return GO_ON;
      case IN_INTEGER:
      case AFTER_ZERO:
        if (digit && this.#state === IN_INTEGER) return GO_ON;
        if (byte === 0x2e) this.#state = AFTER_POINT;
        else if (isE(byte)) this.#state = AFTER_E;
        else return this.#endNumber(byte);
        return GO_ON;
      case AFTER_POINT:
        if (!digit) throw unexpected(byte, "after decimal point in numeric literal");
        this.#state = IN_FRACTION;
        return GO_ON;
      case IN_FRACTION:
        if (digit) return GO_ON;
        if (!isE(byte)) return this.#endNumber(byte);
        this.#state = AFTER_E;
        return GO_ON;
      case AFTER_E:
      case AFTER_E_SIGN:
        if (this.#state === AFTER_E && (byte === 0x2b || byte === 0x2d)) this.#state = AFTER_E_SIGN;
        else if (digit) this.#state = IN_EXPONENT;
        else throw unexpected(byte, "in exponent of numeric literal");
        return GO_ON;
      default:
        return digit ? GO_ON : this.#endNumber(byte);
    }
  }

  #endNumber(byte: number): Step {
    this.#state = END_VALUE;
    return this.#stack.length === 0 ? ENDED_BEFORE : this.#between(byte);
  }
}

/** The next byte of a string that is not just one of its characters. */
function skipPlain(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE || byte === BACKSLASH || byte < SPACE) break;
  }
  return at;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function isE(byte: number): boolean {
  return byte === 0x65 || byte === 0x45;
}

function isNumberEnd(state: number): boolean {
  return state === AFTER_ZERO || state === IN_INTEGER || state === IN_FRACTION || state === IN_EXPONENT;
}

function unexpected(byte: number, where: string): EtcdError {
  return new EtcdError(Status.INVALID_ARGUMENT, `invalid character ${quotedByte(byte)} ${where}`);
}
