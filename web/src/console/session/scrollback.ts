import { textOf } from "../../store/bytes.ts";
import { Cell } from "../../ui/cell.ts";
import { type GoString, toBytes } from "../language/gostring.ts";

/** A part of a line; one that is a key can be gone to. */
export interface Segment {
  readonly text: string;
  readonly key?: Uint8Array;
}

export interface Line {
  readonly id: number;
  /** `input` was typed, `note` is of the console itself. */
  readonly kind: "input" | "out" | "err" | "note";
  readonly segments: readonly Segment[];
}

/** Lines that are drawn and forgotten together. */
export interface Chunk {
  readonly id: number;
  readonly lines: readonly Line[];
}

const CHUNK_LINES = 100;
const MAX_LINES = 10_000;
/** More of a line than anybody reads; all of it would hold up the page. */
const MAX_LINE_CHARACTERS = 20_000;

/** What was printed, the last 10,000 lines of it; told of once a frame, however much comes. */
export class Scrollback {
  readonly chunks = new Cell<readonly Chunk[]>([]);
  /** Lines that were forgotten. */
  dropped = 0;
  readonly #schedule: (run: () => void) => void;
  #fresh: Line[] = [];
  #open: Segment[] = [];
  #openKind: Line["kind"] = "out";
  #lastId = 0;
  #isScheduled = false;

  /** @param schedule runs something a little later, together with what else comes until then */
  constructor(schedule: (run: () => void) => void = (run) => setTimeout(run, 16)) {
    this.#schedule = schedule;
  }

  write(kind: Line["kind"], text: GoString, key?: Uint8Array): void {
    if (this.#open.length > 0 && this.#openKind !== kind) this.endLine();
    this.#openKind = kind;
    const parts = text.split("\n");
    for (const [at, part] of parts.entries()) {
      if (at > 0) this.#endLine();
      if (part !== "") this.#open.push({ text: visible(part), key });
    }
    this.#later();
  }

  /** Ends a line that has no newline. */
  endLine(): void {
    if (this.#open.length > 0) this.#endLine();
    this.#later();
  }

  clear(): void {
    this.#fresh = [];
    this.#open = [];
    this.dropped = 0;
    this.chunks.set([]);
  }

  /** Everything that is kept, as it is shown. */
  text(): string {
    this.flush();
    const lines = this.chunks.value.flatMap((chunk) => chunk.lines);
    return lines.map(({ segments }) => `${segments.map(({ text }) => text).join("")}\n`).join("");
  }

  flush(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    const chunks = [...this.chunks.value];
    const last = chunks.at(-1);
    if (last !== undefined && last.lines.length < CHUNK_LINES) {
      const more = fresh.splice(0, CHUNK_LINES - last.lines.length);
      chunks[chunks.length - 1] = { id: last.id, lines: [...last.lines, ...more] };
    }
    for (let at = 0; at < fresh.length; at += CHUNK_LINES) {
      const lines = fresh.slice(at, at + CHUNK_LINES);
      chunks.push({ id: lines[0]?.id ?? 0, lines });
    }
    const extra = chunks.length - MAX_LINES / CHUNK_LINES;
    const gone = extra > 0 ? chunks.splice(0, extra) : [];
    this.dropped += gone.reduce((count, { lines }) => count + lines.length, 0);
    this.chunks.set(chunks);
  }

  #endLine(): void {
    this.#fresh.push({ id: ++this.#lastId, kind: this.#openKind, segments: this.#open });
    this.#open = [];
    // What would not be kept is not held until the next frame either.
    if (this.#fresh.length > MAX_LINES) this.#fresh.splice(0, this.#fresh.length - MAX_LINES);
  }

  #later(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }
}

/** Text with every byte seen: what is no UTF-8, and control characters but tabs, as `\xNN`. */
function visible(text: GoString): string {
  const long = text.length > MAX_LINE_CHARACTERS;
  const part = long ? text.slice(0, MAX_LINE_CHARACTERS) : text;
  const more = long ? `… ${text.length - MAX_LINE_CHARACTERS} more bytes` : "";
  if (/^[\t -~]*$/.test(part)) return part + more;
  const decoded = textOf(toBytes(part));
  const hex = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  if (decoded === undefined) {
    const pieces = part.match(UTF8_OR_BYTE) ?? [];
    return (
      pieces
        .map((piece) =>
          piece.length === 1 ? asciiOr(piece, hex) : (textOf(toBytes(piece)) ?? [...piece].map(hex).join("")),
        )
        .join("") + more
    );
  }
  return (
    decoded.replace(/[^\P{Cc}\t]/gu, (character) =>
      character < "\x80" ? hex(character) : `\\u00${character.charCodeAt(0).toString(16)}`,
    ) + more
  );
}

const UTF8_OR_BYTE = /[\t -~]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\s\S]/g;

function asciiOr(byte: string, hex: (byte: string) => string): string {
  return /[\t -~]/.test(byte) ? byte : hex(byte);
}
