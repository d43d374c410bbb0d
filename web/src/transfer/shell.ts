/**
 * The little of bash that an `etcdctl put` script needs, both ways:
 *
 *     etcdctl put -- '/a key' 'it'\''s'
 *     etcdctl put -- $'\377key' ''
 *     printf '\000\001' | etcdctl put -- /binary
 */
import { textOf, utf8 } from "../store/bytes.ts";
import { concat } from "../store/escape.ts";

/** Arguments of a program end at a NUL byte. */
export function canBeArgument(bytes: Uint8Array): boolean {
  return !bytes.includes(0);
}

/** A word that bash reads as exactly these bytes. */
export function bashWord(bytes: Uint8Array): string {
  const text = textOf(bytes);
  // Control characters would be there as they are, and some terminals and editors lose them.
  if (text !== undefined && !/[^\P{Cc}\n\t]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  let word = "";
  for (const byte of bytes) word += isPlain(byte) ? String.fromCharCode(byte) : octal(byte);
  return `$'${word}'`;
}

/** A command that writes exactly these bytes. */
export function printfCommand(bytes: Uint8Array): string {
  let format = "";
  for (const byte of bytes) format += isPlain(byte) && byte !== 37 ? String.fromCharCode(byte) : octal(byte);
  return `printf -- '${format}'`;
}

/** Printing ASCII but for `'` and `\`. */
function isPlain(byte: number): boolean {
  return byte >= 32 && byte < 127 && byte !== 39 && byte !== 92;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/** One command of a script, with its pipe: words as bytes. */
export interface ShellCommand {
  readonly line: number;
  /** What a `printf` before the pipe writes. */
  readonly input: Uint8Array | undefined;
  readonly words: readonly Uint8Array[];
}

/** @throws Error for what is beyond this little */
export function* shellCommands(script: string): Generator<ShellCommand> {
  const reader = new Reader(script);
  for (;;) {
    const command = reader.command();
    if (command === undefined) return;
    if (command.words.length > 0) yield command;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined at the end. */
  command(): ShellCommand | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const line = this.#line;
    let words: Uint8Array[] = [];
    let input: Uint8Array | undefined;
    for (;;) {
      this.#skipBlanks();
      const next = this.#text[this.#at];
      if (next === undefined || next === "\n" || next === ";") {
        this.#step();
        return { line, input, words };
      }
      if (next === "|") {
        this.#step();
        input = printed(words, line);
        words = [];
      } else if (next === "#") {
        while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") this.#step();
      } else {
        words.push(this.#word());
      }
    }
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#text.startsWith("\\\n", this.#at)) this.#step(2);
      else if (/[ \t\r]/.test(this.#text[this.#at] ?? "")) this.#step();
      else return;
    }
  }

  #word(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || /[\s;|]/.test(next)) return concat(parts);
      if (next === "'") parts.push(this.#quoted(1, /'/g, (text) => utf8(text)));
      else if (this.#text.startsWith("$'", this.#at)) parts.push(this.#quoted(2, /(?<!\\)(?:\\\\)*'/g, unescapeAnsi));
      else if (next === '"') parts.push(this.#quoted(1, /(?<!\\)(?:\\\\)*"/g, unescapeDouble));
      else if (next === "\\") parts.push(this.#escaped());
      else if (/[$`<>&()]/.test(next)) throw new Error(`line ${this.#line}: ${next} is more than this import reads`);
      else parts.push(this.#plain());
    }
  }

  #escaped(): Uint8Array {
    const escaped = String.fromCodePoint(this.#text.codePointAt(this.#at + 1) ?? 92);
    this.#step(1 + escaped.length);
    return utf8(escaped);
  }

  #plain(): Uint8Array {
    const [plain = ""] = /^[^\s;|'"\\$`<>&()]+/.exec(this.#text.slice(this.#at, this.#at + 4096)) ?? [];
    this.#step(plain.length);
    return utf8(plain);
  }

  #quoted(opening: number, end: RegExp, read: (text: string) => Uint8Array): Uint8Array {
    const from = this.#at + opening;
    end.lastIndex = from;
    const found = end.exec(this.#text);
    if (found === null) throw new Error(`line ${this.#line}: a quote is not closed`);
    const to = found.index + found[0].length - 1;
    const bytes = read(this.#text.slice(from, to));
    this.#step(to + 1 - this.#at);
    return bytes;
  }

  #step(count = 1): void {
    for (let end = this.#at + count; this.#at < end; this.#at++) if (this.#text[this.#at] === "\n") this.#line++;
  }
}

/** What `printf [--] FORMAT` writes. */
function printed(words: readonly Uint8Array[], line: number): Uint8Array {
  const [command, ...rest] = words.map((word) => textOf(word) ?? "");
  const format = rest[0] === "--" ? rest[1] : rest[0];
  if (command !== "printf" || format === undefined || /%(?!%)/.test(format)) {
    throw new Error(`line ${line}: only printf with plain text may stand before a pipe`);
  }
  return unescapeAnsi(format.replaceAll("%%", "%"));
}

const ANSI: Record<string, number> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
};

function unescapeAnsi(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const match of text.matchAll(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([ntrabefv\\'"]))/g)) {
    const [all, octalDigits, hex, letter = ""] = match;
    parts.push(utf8(text.slice(at, match.index)));
    if (octalDigits !== undefined) parts.push(Uint8Array.of(Number.parseInt(octalDigits, 8)));
    else if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else parts.push(Uint8Array.of(ANSI[letter] ?? 0));
    at = match.index + all.length;
  }
  parts.push(utf8(text.slice(at)));
  return concat(parts);
}

function unescapeDouble(text: string): Uint8Array {
  if (/(?<!\\)[$`]/.test(text)) throw new Error("variables and commands in a script are not run");
  return utf8(text.replace(/\\([\\"$`])/g, "$1"));
}
