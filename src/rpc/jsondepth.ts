/**
 * How deep JSON is nested, before anyone parses it: the time that JSON.parse takes grows with the square of that, and a
 * megabyte of brackets would hold a server for many seconds.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PREFIX_BYTES = 5;
const COMPRESSED = 1;

/** Of one text, in pieces. */
class DepthMeter {
  readonly #maxDepth: number;
  #depth = 0;
  #isString = false;
  #isEscaped = false;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** @throws ConnectError */
  read(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#isString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isString = false;
      } else if (byte === QUOTE) this.#isString = true;
      // [ and {, ] and } differ by one bit.
      else if ((byte & 0xdf) === 0x5b) this.#enter();
      else if ((byte & 0xdf) === 0x5d) this.#depth--;
    }
  }

  #enter(): void {
    if (++this.#depth <= this.#maxDepth) return;
    const message = `etcdlite: JSON nested deeper than ${this.#maxDepth}, see --max-message-depth`;
    throw new ConnectError(message, Code.ResourceExhausted);
  }
}

/** Whether a text that is at hand is nested no deeper. */
export function isShallow(text: Uint8Array, maxDepth: number): boolean {
  // Each level takes a byte to open it.
  if (text.length <= maxDepth) return true;
  try {
    new DepthMeter(maxDepth).read(text);
    return true;
  } catch {
    return false;
  }
}

/** The same body, which fails where it is nested too deep. What is compressed is looked at behind `shallow`. */
export async function* shallowBody(body: AsyncIterable<Uint8Array>, maxDepth: number): AsyncGenerator<Uint8Array> {
  const meter = new DepthMeter(maxDepth);
  for await (const piece of body) {
    meter.read(piece);
    yield piece;
  }
}

/** The same for messages in envelopes: a byte of flags, four of length, and the message. */
export async function* shallowMessages(body: AsyncIterable<Uint8Array>, maxDepth: number): AsyncGenerator<Uint8Array> {
  let meter: DepthMeter | undefined;
  let prefix: number[] = [];
  let left = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.length; ) {
      if (left === 0) {
        prefix.push(piece[at++] as number);
        if (prefix.length < PREFIX_BYTES) continue;
        left = prefix.slice(1).reduce((length, byte) => length * 256 + byte, 0);
        meter = ((prefix[0] as number) & COMPRESSED) === 0 ? new DepthMeter(maxDepth) : undefined;
        prefix = [];
      } else {
        const end = Math.min(piece.length, at + left);
        meter?.read(piece.subarray(at, end));
        left -= end - at;
        at = end;
      }
    }
    yield piece;
  }
}

/** The same compression for JSON alone, which fails where what comes out is nested too deep. */
export function shallow(compression: Compression, maxDepth: number): Compression {
  return {
    name: compression.name,
    compress: (bytes) => compression.compress(bytes),
    decompress: async (bytes, readMaxBytes) => {
      const decompressed = await compression.decompress(bytes, readMaxBytes);
      new DepthMeter(maxDepth).read(decompressed);
      return decompressed;
    },
  };
}
