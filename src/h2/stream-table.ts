/**
 * The streams that are open, by ID. A client's IDs go up by two, so that they find their places as in a ring, each
 * place a list for when an old stream is still there; nothing is hashed, and nothing is left behind by a call.
 *
 *     places   [ 17 → 1 │ 19 │ 21 │ 7 ]       (id >> 1) & mask
 */
import type { Stream } from "./stream.ts";

const FIRST_PLACES = 8;

export class StreamTable {
  size = 0;
  #places: (Stream | undefined)[] = new Array(FIRST_PLACES).fill(undefined);
  #mask = FIRST_PLACES - 1;

  get(id: number): Stream | undefined {
    let stream = this.#places[(id >>> 1) & this.#mask];
    while (stream !== undefined && stream.id !== id) stream = stream.nextInPlace;
    return stream;
  }

  /** @param stream not in it */
  add(stream: Stream): void {
    if (this.size > this.#mask) this.#grow();
    this.#put(stream);
    this.size++;
  }

  delete(stream: Stream): void {
    const place = (stream.id >>> 1) & this.#mask;
    let other = this.#places[place];
    if (other === stream) {
      this.#places[place] = stream.nextInPlace;
    } else {
      while (other !== undefined && other.nextInPlace !== stream) other = other.nextInPlace;
      if (other === undefined) return;
      other.nextInPlace = stream.nextInPlace;
    }
    stream.nextInPlace = undefined;
    this.size--;
  }

  /** As of now, whatever happens to the table meanwhile. */
  toArray(): Stream[] {
    const streams: Stream[] = [];
    for (const first of this.#places) {
      for (let stream = first; stream !== undefined; stream = stream.nextInPlace) streams.push(stream);
    }
    return streams;
  }

  #put(stream: Stream): void {
    const place = (stream.id >>> 1) & this.#mask;
    stream.nextInPlace = this.#places[place];
    this.#places[place] = stream;
  }

  #grow(): void {
    const streams = this.toArray();
    const places = this.#places.length * 2;
    this.#places = new Array(places).fill(undefined);
    this.#mask = places - 1;
    for (const stream of streams) this.#put(stream);
  }
}
