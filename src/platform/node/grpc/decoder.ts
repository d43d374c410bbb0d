/**
 * Messages from bytes, for the kinds of fields etcd's requests are made of: in one pass, by readers derived from the
 * descriptors (`field-readers.ts`), and equal to what protobuf-es makes of them. Only that protobuf-es reads a field by
 * the type it should have, whatever type the bytes say it has, and would take `0a 05`, the beginning of five bytes, for
 * a revision of 5: bytes that say another type are refused; etcd passes them over as fields it does not know.
 */
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Fields, type Shape, shapesOf, ZeroMessage } from "../../../rpc/index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { type FieldReader, fieldReader } from "./field-readers.ts";
import { WireReader } from "./wire-reader.ts";

/** A message in a message in a message, and so on. A txn may be nested as deep as it may have operations. */
export class TooDeepError extends Error {
  override name = "TooDeepError";
}

/** How a message is read. */
class WireShape implements Shape {
  readonly #zero: ZeroMessage;
  /** By their numbers. */
  readonly #readers: (FieldReader | undefined)[] = [];

  constructor(desc: DescMessage) {
    this.#zero = new ZeroMessage(desc);
  }

  learn(desc: DescMessage): void {
    for (const field of desc.fields) this.#readers[field.number] = fieldReader(field, nested);
  }

  /** A message without any field. */
  empty(): Fields {
    return this.#zero.copy();
  }

  read(message: Fields, reader: WireReader, end: number, depthLeft: number): Fields {
    if (depthLeft < 0) throw new TooDeepError("nested too deep, see --max-message-depth");
    const readers = this.#readers;
    while (reader.at < end) {
      const tag = reader.tag();
      const number = tag >>> 3;
      const read = readers[number];
      if (read !== undefined) read(message, reader, tag & 7, depthLeft);
      else if (number === 0) throw new Error("field number 0");
      else reader.skip(tag & 7);
    }
    return message;
  }
}

const shapeOf = shapesOf(WireShape);

/** How a message is read that is a field's value: what there is of it already is added to. */
function nested(desc: DescMessage): (before: unknown, reader: WireReader, depthLeft: number) => unknown {
  const shape = shapeOf(desc);
  return (before, reader, depthLeft) => {
    const { end } = reader;
    reader.enter();
    const message = shape.read((before as Fields | undefined) ?? shape.empty(), reader, reader.end, depthLeft - 1);
    reader.end = end;
    return message;
  };
}

/**
 * @param maxDepth of messages in messages; a txn in a txn is two
 * @throws TooDeepError, and Error, of no particular text, for bytes that are not such a message
 */
export function decodeMessage<D extends DescMessage>(
  desc: D,
  bytes: Uint8Array,
  maxDepth: number = DEFAULT_LIMITS.maxMessageDepth,
): MessageShape<D> {
  const shape = shapeOf(desc);
  const message = shape.read(shape.empty(), new WireReader(bytes), bytes.length, maxDepth);
  return message as unknown as MessageShape<D>;
}
