/**
 * Requests as gRPC brings them: their shape, the decoder, and that what was read is written and read again the same, by
 * the lean encoders as by protobuf-es.
 */
import { equals, toBinary, toJsonString } from "@bufbuild/protobuf";
import { decodeMessage } from "../../../src/platform/node/grpc/decoder.ts";
import { frameEncoder } from "../../../src/platform/node/grpc/encoder.ts";
import { connectJsonEncoder } from "../../../src/rpc/json/encoder.ts";
import { DESCS, EXAMPLES } from "../messages.ts";
import { hold, type Target } from "../target.ts";

const FRAME_PREFIX_BYTES = 5;

/** The first byte says which message the others are. */
export function open(): Target {
  const encoders = DESCS.map(frameEncoder);
  const jsonEncoders = DESCS.map(connectJsonEncoder);
  return {
    seeds: EXAMPLES.map(({ desc, message }) => Uint8Array.of(DESCS.indexOf(desc), ...toBinary(desc, message))),
    run: (input) => {
      const index = (input[0] ?? 0) % DESCS.length;
      const desc = DESCS[index];
      if (desc === undefined) return;
      const read = decoded(() => decodeMessage(desc, input.subarray(1)));
      if (read === undefined) return;
      const bytes = toBinary(desc, read);
      hold(equals(desc, read, decodeMessage(desc, bytes)), "a message is written as it was read");
      const frame = encoders[index]?.frame(read);
      hold(frame !== undefined && Buffer.compare(frame.subarray(FRAME_PREFIX_BYTES), bytes) === 0, "the lean encoder");
      const json = jsonEncoders[index]?.(read);
      hold(json === undefined || Buffer.from(json).toString() === toJsonString(desc, read), "the lean encoder of JSON");
    },
  };
}

/** It may throw whatever it likes to, but for what says that it lost its way. */
function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    const isUtf8 = error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA";
    const isFault = (error instanceof TypeError && !isUtf8) || /call stack|Invalid typed array/.test(String(error));
    if (isFault || !(error instanceof Error)) throw error;
    return undefined;
  }
}
