/**
 * RFC 7541, 3 and 6: header blocks to fields.
 *
 *     1xxxxxxx              an indexed field                       6.1
 *     01xxxxxx              a literal, added to the dynamic table  6.2.1
 *     0000xxxx, 0001xxxx    a literal, not added                   6.2.2, 6.2.3
 *     001xxxxx              a new size of the dynamic table        6.3
 *
 * A list that is longer than what was announced is still read to its end, for the table's sake, but its fields are
 * no longer kept; one that is far longer (fields of one byte that stand for thousands) ends the connection.
 */
import { ErrorCode } from "./constants.ts";
import { DynamicTable, ENTRY_OVERHEAD_BYTES } from "./dynamic-table.ts";
import { ConnectionError } from "./errors.ts";
import { decodeHuffman } from "./huffman.ts";
import { latin1 } from "./latin1.ts";
import { type Field, STATIC_LENGTH, STATIC_TABLE } from "./static-table.ts";

const HEADER_TABLE_BYTES = 4096;
/** As many times the announced size. */
const BOMB = 16;
/** Five bytes of seven bits: what is more has no meaning for an index or a length. */
const MAX_INTEGER_SHIFT = 28;

export class HpackDecoder {
  readonly #table = new DynamicTable(HEADER_TABLE_BYTES);
  readonly #maxListBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /** As long as it stays the same, the same block means the same fields. */
  get version(): number {
    return this.#table.version;
  }

  /**
   * @returns the fields, or undefined for more of them than may be
   * @throws ConnectionError
   */
  decode(bytes: Uint8Array, start: number, end: number): Field[] | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const fields: Field[] = [];
    let listBytes = 0;
    let mayResize = true;
    while (this.#at < end) {
      const first = bytes[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw invalid("a size update behind a field");
        this.#resize();
        continue;
      }
      mayResize = false;
      const field = this.#field(first);
      listBytes += field.name.length + field.value.length + ENTRY_OVERHEAD_BYTES;
      if (listBytes <= this.#maxListBytes) fields.push(field);
      else if (listBytes > this.#maxListBytes * BOMB) {
        throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a header list is too long");
      }
    }
    // Nothing is to be kept alive by a connection that falls silent.
    this.#bytes = EMPTY;
    return listBytes > this.#maxListBytes ? undefined : fields;
  }

  #field(first: number): Field {
    if (first >= 0x80) return this.#indexed(this.#integer(0x7f));
    const isAdded = first >= 0x40;
    const index = this.#integer(isAdded ? 0x3f : 0x0f);
    const name = index === 0 ? this.#string() : this.#indexed(index).name;
    const field = { name, value: this.#string() };
    if (isAdded) this.#table.add(field);
    return field;
  }

  #indexed(index: number): Field {
    const found = index <= STATIC_LENGTH ? STATIC_TABLE[index] : this.#table.get(index - STATIC_LENGTH - 1);
    if (found === undefined || index === 0) throw invalid(`no field has index ${index}`);
    return found;
  }

  #resize(): void {
    const bytes = this.#integer(0x1f);
    if (bytes > HEADER_TABLE_BYTES) throw invalid("the dynamic table is made larger than allowed");
    this.#table.resize(bytes);
  }

  /** 5.1. */
  #integer(mask: number): number {
    let value = (this.#bytes[this.#at++] as number) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= MAX_INTEGER_SHIFT; shift += 7) {
      if (this.#at >= this.#end) throw invalid("a block ends within a number");
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw invalid("a number is too large");
  }

  /** 5.2. */
  #string(): string {
    if (this.#at >= this.#end) throw invalid("a block ends before a string");
    const isHuffman = (this.#bytes[this.#at] as number) >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    if (length > this.#end - start) throw invalid("a block ends within a string");
    this.#at += length;
    return isHuffman ? decodeHuffman(this.#bytes, start, this.#at) : latin1(this.#bytes, start, this.#at);
  }
}

const EMPTY = new Uint8Array(0);

function invalid(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, message);
}
