/** A case of this suite: one transport, and a prefix that no other case uses. */
import type { Transport } from "@connectrpc/connect";
import type { Subject } from "../harness/suite.ts";
import type { TransportCase } from "./transports.ts";

export type Case = {
  readonly name: string;
  /** Undefined: to all. */
  appliesTo?(transport: TransportCase, subject: Subject): boolean;
  body(transport: Transport, prefix: string, kind: TransportCase): Promise<void>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const text = (value: Uint8Array | undefined): string => decoder.decode(value);

/** A key and everything that begins with it. */
export function withPrefix(prefix: string): { key: Uint8Array<ArrayBuffer>; rangeEnd: Uint8Array<ArrayBuffer> } {
  return { key: bytes(prefix), rangeEnd: bytes(`${prefix}~`) };
}
