/** gRPC's frames: however the bytes are cut into pieces, the same messages come out, or the same complaint. */
import { encodeFrame, FrameReader, onlyMessage } from "../../../src/platform/node/grpc/frames.ts";
import { hold, type Target, utf8 } from "../target.ts";

/** The first byte is the largest message, the second how the rest is cut. */
export function open(): Target {
  return {
    seeds: [
      Uint8Array.of(100, 3, ...encodeFrame(utf8("one")), ...encodeFrame(utf8("")), ...encodeFrame(utf8("three"))),
      Uint8Array.of(2, 1, ...encodeFrame(utf8("too large"))),
      Uint8Array.of(50, 200, 1, 0, 0, 0, 1, 0),
    ],
    run: (input) => {
      const [maxBytes = 0, cut = 0] = input;
      const bytes = input.subarray(2);
      const whole = read(bytes, maxBytes, bytes.length + 1);
      for (const size of [1, (cut % 13) + 1, cut + 1]) {
        hold(read(bytes, maxBytes, size) === whole, `pieces of ${size} are read as the whole is`);
      }
      const only = onlyMessage(bytes, maxBytes);
      if (only !== undefined) hold(whole === JSON.stringify([hexOf(only)]), "what is one message is read as one");
    },
  };
}

function read(bytes: Uint8Array, maxBytes: number, size: number): string {
  const reader = new FrameReader(maxBytes);
  const messages: unknown[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size));
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      if (!(next instanceof Uint8Array)) return JSON.stringify([...messages, next]);
      messages.push(hexOf(next));
    }
  }
  return JSON.stringify(messages);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
