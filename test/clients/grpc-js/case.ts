/** A case of this suite: a channel of its own, and a prefix that no other case uses. */
import type { GrpcClient } from "./client.ts";

export type Case = {
  readonly name: string;
  body(client: GrpcClient, prefix: string, url: string): Promise<void>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const text = (value: Uint8Array | undefined): string => decoder.decode(value);
