/**
 * What is known of a watch over a WebSocket while its object sleeps: the runtime keeps it with the socket. All that a
 * stream of etcd's Watch is: its watches and how far each has got, who asked for them, and what of the client's
 * requests came last and is not whole.
 */
import type { GatewayHeaders } from "../../rpc/index.ts";

export interface KeptWatch {
  readonly id: bigint;
  /** etcdserverpb.WatchCreateRequest; its ID is the watch's. */
  readonly request: Uint8Array;
  /** The first revision that the client may not have seen. */
  next: bigint;
  readonly progressNotify: boolean;
  /** Whether nothing was sent since the last progress notification. */
  isQuiet: boolean;
}

export interface WatchAttachment {
  readonly headers: GatewayHeaders;
  /** Who asked, as long as auth was on then: a token does not last as long as a watch. */
  readonly username: string | undefined;
  watches: KeptWatch[];
  /** The ID that no watch of the stream has had, nor a later one. */
  nextId: bigint;
  rest: Uint8Array;
  /** The client has sent what is no request; as in etcd the watches go on. */
  hasEnded: boolean;
  /** When progress is to be told, by the time of day; undefined where nobody wants to know. */
  progressAtMs: number | undefined;
}

/** Of the runtime's 16 KiB, so that what goes around it has room. */
const MAX_BYTES = 14_000;
/** Around each watch's request, and around all. */
const WATCH_OVERHEAD_BYTES = 150;
const OVERHEAD_BYTES = 500;

export function newAttachment(headers: GatewayHeaders, username: string | undefined): WatchAttachment {
  const rest = new Uint8Array(0);
  return { headers, username, watches: [], nextId: 0n, rest, hasEnded: false, progressAtMs: undefined };
}

/** Whether the runtime will keep it with so many bytes more. */
export function fits({ watches, rest, headers }: WatchAttachment, moreBytes: number): boolean {
  let sizeBytes = OVERHEAD_BYTES + rest.length + moreBytes + JSON.stringify(headers).length;
  for (const { request } of watches) sizeBytes += WATCH_OVERHEAD_BYTES + request.length;
  return sizeBytes <= MAX_BYTES;
}
