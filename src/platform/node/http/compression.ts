/** How calls may be compressed. Threads of Node's unpack them; one processor is left to the event loop. */
import { availableParallelism } from "node:os";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

const places = new Places(Math.max(1, availableParallelism() - 1));

export const COMPRESSIONS: Compression[] = [compressionGzip, compressionBrotli].map((compression) => ({
  ...compression,
  decompress: (bytes, maxBytes) => places.during(() => compression.decompress(bytes, maxBytes)),
}));
