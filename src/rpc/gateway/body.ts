/** Requests from the bytes of a body: one of a unary call, or as many as a stream brings. */
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { EtcdError, Status } from "../../errors.ts";
import { decodeJson } from "../json/decoder.ts";
import { readPlain } from "../json/plain.ts";
import { JsonScanner } from "../json/scanner.ts";

export interface BodyLimits {
  /** Of a message in its binary form. */
  readonly maxMessageBytes: number;
  /** Of a message as JSON, unknown fields and blanks included. */
  readonly maxJsonBytes: number;
}

/** JSON may be this much longer than the largest message; base64 alone takes a third. */
const JSON_PER_BINARY_BYTE = 4;
/** Binary may be this much longer than JSON: a list of -1 is. */
const BINARY_PER_JSON_BYTE = 8;

export function bodyLimits(maxMessageBytes: number): BodyLimits {
  return { maxMessageBytes, maxJsonBytes: maxMessageBytes * JSON_PER_BINARY_BYTE };
}

/** grpc-go's words; what is too large never reaches the method. */
export function tooLarge(sizeBytes: number, { maxMessageBytes }: BodyLimits): EtcdError {
  const sizes = `${sizeBytes} vs. ${maxMessageBytes}`;
  return new EtcdError(Status.RESOURCE_EXHAUSTED, `grpc: received message larger than max (${sizes})`);
}

/**
 * The first value of a body; what comes behind it is not looked at, and no value is an empty message.
 * @throws EtcdError
 */
export function onlyRequest(desc: DescMessage, body: Uint8Array, limits: BodyLimits): Message {
  const plain = readPlain(desc, body);
  return plain === undefined ? exactRequest(desc, body, limits) : checked(desc, plain, body.length, limits);
}

/**
 * The same without the short way for what is plain.
 * @throws EtcdError
 */
export function exactRequest(desc: DescMessage, body: Uint8Array, limits: BodyLimits): Message {
  const scanner = new JsonScanner();
  let end = scanner.scan(body, 0, body.length);
  if (end === undefined && scanner.finish()) end = body.length;
  return end === undefined ? create(desc) : checked(desc, decodeJson(desc, body, 0, end), end, limits);
}

/**
 * The values of a body, whatever blanks are between them. As in etcd's gateway, one that is none ends them, and
 * the call goes on as if the client had sent its last.
 * @throws EtcdError for one that is too large
 */
export async function* requestStream(
  desc: DescMessage,
  body: AsyncIterable<Uint8Array>,
  limits: BodyLimits,
): AsyncGenerator<Message> {
  const values = new ValueReader();
  for await (const chunk of chunksOf(body)) {
    values.push(chunk);
    for (;;) {
      const request = requestFrom(desc, values, limits);
      if (request === "invalid") return;
      if (request === undefined) break;
      yield request;
    }
    if (values.bufferedBytes > limits.maxJsonBytes) throw tooLarge(values.bufferedBytes, limits);
  }
}

/** As `requestStream`, for who is handed the pieces one by one and may have to put off the rest. */
export class RequestReader {
  readonly #desc: DescMessage;
  readonly #limits: BodyLimits;
  readonly #values = new ValueReader();

  constructor(desc: DescMessage, maxMessageBytes: number) {
    this.#desc = desc;
    this.#limits = bodyLimits(maxMessageBytes);
  }

  push(chunk: Uint8Array): void {
    this.#values.push(chunk);
  }

  /** Undefined while there is no whole one; "invalid" ends the requests. @throws EtcdError for one too large */
  next(): Message | "invalid" | undefined {
    return requestFrom(this.#desc, this.#values, this.#limits);
  }

  /** The beginning of a request. */
  get rest(): Uint8Array {
    return this.#values.rest;
  }
}

/** Undefined while there is no whole value. */
function requestFrom(desc: DescMessage, values: ValueReader, limits: BodyLimits): Message | "invalid" | undefined {
  let value: Uint8Array | undefined;
  let message: Message;
  try {
    value = values.next();
    if (value === undefined) return undefined;
    message = decodeJson(desc, value, 0, value.length);
  } catch {
    return "invalid";
  }
  return checked(desc, message, value.length, limits);
}

function checked(desc: DescMessage, message: Message, jsonBytes: number, limits: BodyLimits): Message {
  if (jsonBytes * BINARY_PER_JSON_BYTE > limits.maxMessageBytes) {
    const sizeBytes = toBinary(desc, message).length;
    if (sizeBytes > limits.maxMessageBytes) throw tooLarge(sizeBytes, limits);
  }
  return message;
}

/** A body that breaks off is a client that has left. @throws EtcdError */
export async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    throw new EtcdError(Status.CANCELLED, "context canceled");
  }
}

/** A body from its pieces. */
export function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Cuts a stream of chunks into values of JSON; each byte is looked at once. */
class ValueReader {
  readonly #scanner = new JsonScanner();
  /** The first bytes of it are used, the next ones scanned. */
  #buffer = new Uint8Array(0);
  #used = 0;
  #scanned = 0;
  #length = 0;

  get bufferedBytes(): number {
    return this.#length - this.#used;
  }

  /** What is no value yet. */
  get rest(): Uint8Array {
    return this.#buffer.slice(this.#used, this.#length);
  }

  push(chunk: Uint8Array): void {
    const kept = this.#buffer.subarray(this.#used, this.#length);
    if (kept.length === 0) this.#buffer = chunk as Uint8Array<ArrayBuffer>;
    else if (this.#used === 0 && kept.length + chunk.length <= this.#buffer.length) {
      this.#buffer.set(chunk, kept.length);
    } else {
      // Twice as large, so that a value in many pieces is not copied for each of them.
      const larger = new Uint8Array((kept.length + chunk.length) * 2);
      larger.set(kept);
      larger.set(chunk, kept.length);
      this.#buffer = larger;
    }
    this.#scanned -= this.#used;
    this.#used = 0;
    this.#length = kept.length + chunk.length;
  }

  /** @throws EtcdError for what is no JSON */
  next(): Uint8Array | undefined {
    const end = this.#scanner.scan(this.#buffer, this.#scanned, this.#length);
    if (end === undefined) {
      this.#scanned = this.#length;
      // Blanks alone are nothing to keep.
      if (!this.#scanner.begun) this.#used = this.#length;
      return undefined;
    }
    const value = this.#buffer.subarray(this.#used, end);
    this.#used = end;
    this.#scanned = end;
    this.#scanner.reset();
    return value;
  }
}
