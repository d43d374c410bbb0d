import { create, type DescMessage, type DescMethod, type Message, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";

/** A call that is over. */
export interface Ended {
  readonly method: DescMethod;
  readonly context: HandlerContext;
  readonly startMs: number;
  readonly request: unknown;
  /** Undefined where there was an error in its place. */
  readonly reply: unknown;
  readonly error: unknown;
}

/** In bytes, on the wire. */
export function sizeOf(schema: DescMessage, message: unknown): number {
  const isWhole = "$typeName" in (message as object);
  return toBinary(schema, isWhole ? (message as Message) : create(schema, message as Record<string, unknown>)).length;
}
