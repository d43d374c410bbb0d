/**
 * RFC 7541, 6: fields to header blocks. What comes again in every reply goes into the dynamic table, what differs
 * from reply to reply does not, and secrets are marked as never to be put into one (7.1).
 *
 * The replies to a million calls have the same few sets of headers, so a block is kept with the object it was made
 * of, and is good as long as the table has not changed since.
 */
import { DynamicTable } from "./dynamic-table.ts";
import { encodeHuffman, huffmanLength } from "./huffman.ts";
import { byteOf } from "./latin1.ts";
import { STATIC_LENGTH, staticField, staticName } from "./static-table.ts";

/** Names in lower case; values are never changed once they were given to the encoder. */
export type OutgoingHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>;

const MAX_TABLE_BYTES = 4096;
const KEPT_BLOCKS = 4;
const MAX_INTEGER_BYTES = 6;
const VARYING = new Set([
  ...["content-length", "content-range", "date", "etag", "last-modified", "location", "age", ":path"],
  ...["grpc-message", "grpc-status-details-bin", "grpc-timeout"],
]);
const SECRET = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

/** Where blocks are written, whosever they are: each is copied when it is whole. */
let scratch = new Uint8Array(1024);

interface Block {
  readonly headers: OutgoingHeaders;
  readonly version: number;
  readonly bytes: Uint8Array;
}

export class HpackEncoder {
  readonly #table = new DynamicTable(MAX_TABLE_BYTES);
  readonly #blocks: (Block | undefined)[] = [];
  #nextBlock = 0;
  /** The least size since the last block, if the peer's setting has changed. */
  #least: number | undefined;
  #at = 0;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setMaxTableBytes(maxBytes: number): void {
    const size = Math.min(maxBytes, MAX_TABLE_BYTES);
    this.#least = Math.min(this.#least ?? this.#table.maxBytes, size);
    this.#table.resize(size);
  }

  /** @param headers frozen, or not used again: its block may be given out for it later */
  encode(headers: OutgoingHeaders): Uint8Array {
    const { version } = this.#table;
    if (this.#least === undefined) {
      for (const block of this.#blocks) {
        if (block !== undefined && block.headers === headers && block.version === version) return block.bytes;
      }
    }
    this.#at = 0;
    this.#sizeUpdates();
    // RFC 9113, 8.3: pseudo-header fields come first, and a response has but one.
    const status = headers[":status"];
    if (status !== undefined) this.#field(":status", String(status));
    for (const name in headers) {
      const value = headers[name];
      if (value === undefined || name === ":status") continue;
      if (typeof value === "object") for (const one of value) this.#field(name, one);
      else this.#field(name, String(value));
    }
    const bytes = scratch.slice(0, this.#at);
    if (this.#table.version === version && Object.isFrozen(headers)) this.#keep({ headers, version, bytes });
    return bytes;
  }

  #keep(block: Block): void {
    this.#blocks[this.#nextBlock] = block;
    this.#nextBlock = (this.#nextBlock + 1) % KEPT_BLOCKS;
  }

  /** 4.2: a table that shrank in between has to shrink on the other side, too. */
  #sizeUpdates(): void {
    if (this.#least === undefined) return;
    const size = this.#table.maxBytes;
    if (this.#least < size) this.#integer(0x20, 0x1f, this.#least);
    this.#integer(0x20, 0x1f, size);
    this.#least = undefined;
    // So that no block is kept that says so.
    this.#table.version++;
  }

  #field(name: string, value: string): void {
    const isSecret = SECRET.has(name);
    if (isSecret || VARYING.has(name)) {
      this.#literal(isSecret ? 0x10 : 0x00, 0x0f, this.#nameIndex(name), name, value);
      return;
    }
    const known = staticField(name, value);
    if (known > 0) {
      this.#integer(0x80, 0x7f, known);
      return;
    }
    const found = this.#table.find(name, value);
    if (found >= 0) {
      this.#integer(0x80, 0x7f, STATIC_LENGTH + 1 + found);
      return;
    }
    const index = staticName(name) || (found < -1 ? STATIC_LENGTH + 1 + (-2 - found) : 0);
    this.#literal(0x40, 0x3f, index, name, value);
    this.#table.add({ name, value });
  }

  #nameIndex(name: string): number {
    const known = staticName(name);
    if (known > 0) return known;
    const found = this.#table.find(name, "\0");
    return found < -1 ? STATIC_LENGTH + 1 + (-2 - found) : 0;
  }

  #literal(first: number, mask: number, index: number, name: string, value: string): void {
    this.#integer(first, mask, index);
    if (index === 0) this.#string(name);
    this.#string(value);
  }

  #integer(first: number, mask: number, value: number): void {
    this.#room(MAX_INTEGER_BYTES);
    if (value < mask) {
      scratch[this.#at++] = first | value;
      return;
    }
    scratch[this.#at++] = first | mask;
    let rest = value - mask;
    for (; rest > 0x7f; rest >>>= 7) scratch[this.#at++] = (rest & 0x7f) | 0x80;
    scratch[this.#at++] = rest;
  }

  #string(text: string): void {
    const coded = huffmanLength(text);
    if (coded < text.length) {
      this.#integer(0x80, 0x7f, coded);
      this.#room(coded);
      this.#at = encodeHuffman(text, scratch, this.#at);
      return;
    }
    this.#integer(0x00, 0x7f, text.length);
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) scratch[this.#at++] = byteOf(text, i);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= scratch.length) return;
    const grown = new Uint8Array(Math.max(scratch.length * 2, this.#at + bytes));
    grown.set(scratch);
    scratch = grown;
  }
}
