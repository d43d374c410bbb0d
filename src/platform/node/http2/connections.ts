/** The HTTP/2 connections of a server, whoever speaks the protocol: node:http2, or the engine of src/h2. */
import type { Socket } from "node:net";

export interface Http2Connections {
  /** One whose first bytes, which can be read from it again, were HTTP/2's. */
  connect(socket: Socket): void;
  /** The client has ended a call before it was over; `session` is the CallSession of its stream. */
  left(session: object): void;
  /** Ends a connection for the bytes that wait for it. */
  evict(session: object, bytes: number): void;
  /** No new streams once the clients know of it, or after `withinMs`: settles when there can be none. */
  leave(withinMs: number): Promise<void>;
  /** No new streams; those that are open go on. */
  close(): void;
}
