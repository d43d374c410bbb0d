/** The client's half of HPACK: the engine's own decoder, which hpack.test.ts holds against the RFC's examples. */
import { HpackDecoder } from "../../../src/h2/hpack-decoder.ts";

export class DynamicDecoder {
  readonly #decoder = new HpackDecoder(1 << 20);

  text(block: Uint8Array): string {
    const bytes = new Uint8Array(block);
    const fields = this.#decoder.decode(bytes, 0, bytes.length) ?? [];
    return fields.map(({ name, value }) => `${name}=${value}`).join(" ");
  }
}
