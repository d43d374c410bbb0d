/** Messages in the two forms that bodies have, with the same results as Connect's router. */
import { type DescMethod, fromBinary, fromJsonString, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { connectJsonEncoder } from "../json/encoder.ts";
import { MAX_PLAIN_DEPTH, readPlain } from "../json/plain.ts";
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

/** What reads and writes messages in their binary form, if it is not protobuf-es. */
export interface BinaryFormat {
  /** Of what is nested deeper it throws, as for bytes that are no such message. */
  decoder(desc: DescMethod["input"], maxDepth: number): (bytes: Uint8Array) => Message;
  encoder(desc: DescMethod["output"]): Encode;
}

const PROTOBUF_ES: BinaryFormat = {
  decoder: (desc, recursionLimit) => (bytes) => fromBinary(desc, bytes, { recursionLimit }),
  encoder: (desc) => (message) => toBinary(desc, message),
};

export function binaryCodec({ input, output }: DescMethod, limits: CodecLimits, format = PROTOBUF_ES): Codec {
  return {
    read: reading(limits, format.decoder(input, limits.maxMessageDepth)),
    write: format.encoder(output),
  };
}

/** A list around each message. */
const MAX_PLAIN_BRACKETS = 2 * MAX_PLAIN_DEPTH;
const UTF8 = new TextDecoder();
const TO_UTF8 = new TextEncoder();

export function jsonCodec({ input, output }: DescMethod, limits: CodecLimits): Codec {
  const { maxMessageDepth } = limits;
  const options = { ignoreUnknownFields: true, recursionLimit: maxMessageDepth };
  return {
    read: reading(limits, (bytes) => {
      const plain = maxMessageDepth < MAX_PLAIN_BRACKETS ? undefined : readPlain(input, bytes);
      if (plain !== undefined) return plain;
      return isShallow(bytes, maxMessageDepth) ? fromJsonString(input, UTF8.decode(bytes), options) : undefined;
    }),
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
