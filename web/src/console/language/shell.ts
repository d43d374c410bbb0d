/**
 * A command line as a shell reads it: words, quotes, comments, `;`, `&`, here-strings and here-documents.
 *
 *     put 'a b' "c\"d" $'\xff'     # bytes by name
 *     put key <<< value; get key
 *     txn <<EOF … EOF
 *     watch key &                  # beside what comes
 *
 * There are no variables, patterns, pipes or files: `$`, `*`, `?` and `~` are characters like others, and what
 * would make a pipe or name a file is an error unless it is quoted.
 */
import { fromText, type GoString } from "./gostring.ts";

export interface CommandLine {
  readonly words: readonly GoString[];
  /** What its input is; undefined if it reads what is typed. */
  readonly input: GoString | undefined;
  /** Ended by `&`: others may run beside it. */
  readonly isBackground: boolean;
}

export type ParsedLine =
  | { readonly kind: "commands"; readonly commands: readonly CommandLine[] }
  /** A quote, a here-document or a line that goes on is not at its end yet. */
  | { readonly kind: "incomplete" }
  | { readonly kind: "error"; readonly message: string };

export function parseLine(text: string): ParsedLine {
  const scanner = new Scanner(fromText(text));
  try {
    return { kind: "commands", commands: scanner.commands() };
  } catch (error) {
    if (error === INCOMPLETE) return { kind: "incomplete" };
    if (error instanceof SyntaxError) return { kind: "error", message: error.message };
    throw error;
  }
}

/** The words before the last one of an unfinished line, and that one, as far as it goes; for completion. */
export function lastWord(text: string): {
  readonly before: readonly GoString[];
  readonly word: GoString;
  readonly start: number;
} {
  return new Scanner(fromText(text)).unfinished(text);
}

const INCOMPLETE = Symbol("incomplete");
const ANSI_C: Record<string, string> = {
  ...{ a: "\x07", b: "\b", e: "\x1b", E: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", "'": "'", '"': '"', "?": "?" },
};
const ANSI_C_NUMBER = /x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})/y;

class Scanner {
  readonly #text: GoString;
  #at = 0;
  /** Where the last word that was read begins. */
  #wordStart = 0;
  readonly #words: GoString[] = [];

  constructor(text: GoString) {
    this.#text = text;
  }

  commands(): CommandLine[] {
    const commands: CommandLine[] = [];
    while (this.#at < this.#text.length) {
      const command = this.#command();
      if (command !== undefined) commands.push(command);
    }
    return commands;
  }

  unfinished(text: string): { before: readonly GoString[]; word: GoString; start: number } {
    let before: GoString[] = [];
    let word = "";
    this.#wordStart = this.#at;
    while (this.#at < this.#text.length) {
      this.#skipBlanks();
      this.#wordStart = this.#at;
      const character = this.#text[this.#at];
      if (character === undefined) break;
      if (/[;&\n]/.test(character)) {
        this.#at++;
        before = [];
        this.#wordStart = this.#at;
        continue;
      }
      word = this.#looseWord();
      if (this.#at < this.#text.length) {
        before.push(word);
        word = "";
      }
    }
    if (this.#wordStart === this.#text.length) word = "";
    // The text's own characters are wanted, not its bytes.
    const tail = this.#text.slice(this.#wordStart);
    return { before, word, start: text.length - decodedLength(tail) };
  }

  #looseWord(): GoString {
    const start = this.#at;
    try {
      return this.#word();
    } catch {
      this.#at = this.#text.length;
      return this.#text.slice(start).replace(/^\$?['"]/, "");
    }
  }

  #command(): CommandLine | undefined {
    this.#words.length = 0;
    let input: GoString | undefined;
    let delimiter: GoString | undefined;
    let isBackground = false;
    for (;;) {
      this.#skipBlanks();
      const character = this.#text[this.#at];
      if (character === undefined || /[\n;&]/.test(character)) {
        this.#at++;
        isBackground = character === "&";
        if (delimiter !== undefined) input = this.#hereDocument(delimiter);
        break;
      }
      if (character === "#") this.#at += /^[^\n]*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
      else if (this.#skip("<<<")) {
        this.#skipBlanks();
        input = `${this.#word()}\n`;
      } else if (this.#skip("<<")) {
        this.#skipBlanks();
        delimiter = this.#word();
      } else this.#words.push(this.#word());
    }
    const words = this.#words.filter((word, at) => !(at === 0 && /^ETCDCTL_API=/.test(word)));
    return words.length === 0 ? undefined : { words, input, isBackground };
  }

  #hereDocument(delimiter: GoString): GoString {
    // The line of the command has been read up to and with its end.
    const lines = this.#text.slice(this.#at).split("\n");
    const end = lines.indexOf(delimiter);
    if (end < 0) throw INCOMPLETE;
    const body = lines.slice(0, end);
    this.#at += body.reduce((size, line) => size + line.length + 1, 0) + delimiter.length + 1;
    return body.map((line) => `${line}\n`).join("");
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#text[this.#at] === " " || this.#text[this.#at] === "\t" || this.#text[this.#at] === "\r") this.#at++;
      else if (this.#skip("\\\n")) this.#goesOn();
      else return;
    }
  }

  #skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #word(): GoString {
    const start = this.#at;
    let word = "";
    for (let character = this.#text[this.#at]; character !== undefined; character = this.#text[this.#at]) {
      if (/[ \t\r\n;&]/.test(character)) break;
      if (character === "'") word += this.#singleQuoted();
      else if (character === '"') word += this.#doubleQuoted();
      else if (character === "$" && this.#text[this.#at + 1] === "'") word += this.#ansiC();
      else if (character === "\\") word += this.#escaped();
      else if (/[|<>`]/.test(character)) throw new SyntaxError(noShell(character));
      else {
        word += character;
        this.#at++;
      }
    }
    if (this.#at === start) throw new SyntaxError("a word is missing");
    return word;
  }

  #escaped(): GoString {
    const character = this.#text[this.#at + 1];
    if (character === undefined) throw INCOMPLETE;
    this.#at += 2;
    if (character !== "\n") return character;
    this.#goesOn();
    return "";
  }

  /** After a line that ends in `\`: the next one has to be there. */
  #goesOn(): void {
    if (this.#at === this.#text.length) throw INCOMPLETE;
  }

  #singleQuoted(): GoString {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw INCOMPLETE;
    const word = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return word;
  }

  #doubleQuoted(): GoString {
    const quoted = /"((?:[^"\\]|\\[\s\S])*)"/y;
    quoted.lastIndex = this.#at;
    const found = quoted.exec(this.#text);
    if (found === null) throw INCOMPLETE;
    this.#at = quoted.lastIndex;
    return (found[1] ?? "").replace(/\\([$`"\\\n])/g, (_all, character: string) =>
      character === "\n" ? "" : character,
    );
  }

  #ansiC(): GoString {
    let word = "";
    for (this.#at += 2; this.#text[this.#at] !== "'"; ) {
      const character = this.#text[this.#at];
      if (character === undefined) throw INCOMPLETE;
      this.#at++;
      word += character === "\\" ? this.#ansiCEscape() : character;
    }
    this.#at++;
    return word;
  }

  #ansiCEscape(): GoString {
    ANSI_C_NUMBER.lastIndex = this.#at;
    const number = ANSI_C_NUMBER.exec(this.#text);
    if (number !== null) {
      this.#at = ANSI_C_NUMBER.lastIndex;
      const [, byte, short, long, octal] = number;
      if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return fromText(String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(short ?? long ?? "0", 16))));
    }
    const character = this.#text[this.#at];
    if (character === undefined) throw INCOMPLETE;
    this.#at++;
    return ANSI_C[character] ?? `\\${character}`;
  }
}

function noShell(character: string): string {
  return `no pipes and no files here: put '${character}' in quotes if it belongs to a word`;
}

/** How many characters of the page's text a byte string is. */
function decodedLength(go: GoString): number {
  return new TextDecoder().decode(Uint8Array.from(go, (byte) => byte.charCodeAt(0))).length;
}
