import { ELEMENT_BYTES, PAGE_BYTES, PAGE_HEADER_BYTES, PageFlag, viewOf } from "./format.ts";

/** Writes the pages of a file, one after the other, into one buffer that is used again for each. */
export class PageBuffer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(PAGE_BYTES);
  #view = viewOf(this.#bytes);
  #size = 0;
  #element = 0;
  #data = 0;

  /** Begins a page that has so many, with those behind it. */
  begin(id: number, pages: number, flags: number, count: number): void {
    this.#allocate(pages * PAGE_BYTES);
    this.#header(id, flags, count, pages - 1);
  }

  /** Begins a page of leaves that is part of a row. */
  beginInline(bytes: number, count: number): void {
    this.#allocate(bytes);
    this.#header(0, PageFlag.leaf, count, 0);
  }

  leaf(flags: number, key: Uint8Array, value: Uint8Array): void {
    const element = this.#element;
    this.#view.setUint32(element, flags, true);
    this.#view.setUint32(element + 4, this.#data - element, true);
    this.#view.setUint32(element + 8, key.length, true);
    this.#view.setUint32(element + 12, value.length, true);
    this.#element += ELEMENT_BYTES;
    this.#append(key);
    this.#append(value);
  }

  branch(key: Uint8Array, page: number): void {
    const element = this.#element;
    this.#view.setUint32(element, this.#data - element, true);
    this.#view.setUint32(element + 4, key.length, true);
    this.#uint64(element + 8, page);
    this.#element += ELEMENT_BYTES;
    this.#append(key);
  }

  content(bytes: Uint8Array): void {
    this.#append(bytes);
  }

  /** The page with those behind it; good until the next begins. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  #allocate(size: number): void {
    this.#size = size;
    if (this.#bytes.length >= size) {
      this.#bytes.fill(0, 0, size);
    } else {
      this.#bytes = new Uint8Array(size);
      this.#view = viewOf(this.#bytes);
    }
  }

  #header(id: number, flags: number, count: number, overflow: number): void {
    this.#uint64(0, id);
    this.#view.setUint16(8, flags, true);
    this.#view.setUint16(10, count, true);
    this.#view.setUint32(12, overflow, true);
    this.#element = PAGE_HEADER_BYTES;
    this.#data = PAGE_HEADER_BYTES + count * ELEMENT_BYTES;
  }

  #append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#data);
    this.#data += bytes.length;
  }

  #uint64(at: number, value: number): void {
    this.#view.setUint32(at, value % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}
