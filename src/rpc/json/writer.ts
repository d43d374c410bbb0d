/** JSON text as bytes, in a buffer that grows and is used again. */
import { copyOf } from "../newbytes.ts";
import { base64Length, writeBase64 } from "./base64.ts";

const INITIAL_BYTES = 4096;
/** A larger buffer is not kept for the next reply. */
const MAX_KEPT_BYTES = 1024 * 1024;
const QUOTE = 0x22;
/** What a string's characters take at most, in UTF-8. */
const MAX_CHARACTER_BYTES = 3;
const ENCODER = new TextEncoder();
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for
const NEEDS_CARE = /[\x00-\x1f"\\\x7f-\uffff<>&]/;
const UNSAFE_IN_HTML = /[<>&\u2028\u2029]/g;

export class JsonWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #escapeHtml = false;

  /**
   * @param write what puts the text here
   * @param escapeHtml as Go's encoding/json does it and protojson does not
   * @returns a copy of what was written
   */
  collect(escapeHtml: boolean, write: () => void): Uint8Array {
    this.#length = 0;
    this.#escapeHtml = escapeHtml;
    write();
    const text = copyOf(this.#bytes.subarray(0, this.#length));
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
    return text;
  }

  /** Text of ASCII characters, as it is. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let to = this.#length;
    for (let at = 0; at < text.length; at++) bytes[to++] = text.charCodeAt(at);
    this.#length = to;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  string(text: string): void {
    let json = text;
    if (!NEEDS_CARE.test(text)) {
      this.byte(QUOTE);
      this.ascii(text);
      this.byte(QUOTE);
      return;
    }
    json = JSON.stringify(text);
    if (this.#escapeHtml) json = json.replace(UNSAFE_IN_HTML, asEscape);
    this.#reserve(json.length * MAX_CHARACTER_BYTES);
    this.#length += ENCODER.encodeInto(json, this.#bytes.subarray(this.#length)).written;
  }

  base64(bytes: Uint8Array): void {
    this.#reserve(base64Length(bytes.length) + 2);
    this.#bytes[this.#length++] = QUOTE;
    this.#length = writeBase64(bytes, this.#bytes, this.#length);
    this.#bytes[this.#length++] = QUOTE;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
