/** Messages in the two forms that bodies have, with the same results as Connect's router. */
import { type DescMethod, fromBinary, fromJsonString, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { connectJsonEncoder } from "../json/encoder.ts";
import { isShallow } from "../jsondepth.ts";

type Encode = (message: Message) => Uint8Array;

/** A method's requests and replies in one form. */
export interface Codec {
  /** Undefined for bytes that are no such message: the router says what is wrong with them. */
  read(bytes: Uint8Array): Message | undefined;
  write: Encode;
}

export interface CodecLimits {
  readonly maxReadBytes: number;
  readonly maxMessageDepth: number;
}

/** What writes messages of a type in their binary form. */
export type BinaryEncoder = (desc: DescMethod["output"]) => Encode;

export function binaryCodec({ input, output }: DescMethod, limits: CodecLimits, encoder?: BinaryEncoder): Codec {
  const options = { recursionLimit: limits.maxMessageDepth };
  return {
    read: reading(limits, (bytes) => fromBinary(input, bytes, options)),
    write: encoder?.(output) ?? ((message) => toBinary(output, message)),
  };
}

const UTF8 = new TextDecoder();
const TO_UTF8 = new TextEncoder();

export function jsonCodec({ input, output }: DescMethod, limits: CodecLimits): Codec {
  const { maxMessageDepth } = limits;
  const options = { ignoreUnknownFields: true, recursionLimit: maxMessageDepth };
  return {
    read: reading(limits, (bytes) =>
      isShallow(bytes, maxMessageDepth) ? fromJsonString(input, UTF8.decode(bytes), options) : undefined,
    ),
    write: connectJsonEncoder(output) ?? ((message) => TO_UTF8.encode(toJsonString(output, message))),
  };
}

function reading(
  { maxReadBytes }: CodecLimits,
  read: (bytes: Uint8Array) => Message | undefined,
): (bytes: Uint8Array) => Message | undefined {
  return (bytes) => {
    if (bytes.length > maxReadBytes) return undefined;
    try {
      return read(bytes);
    } catch {
      return undefined;
    }
  };
}
