export { Connection, type ConnectionHost, type ConnectionLimits } from "./connection.ts";
export { ErrorCode } from "./constants.ts";
export type { OutgoingHeaders } from "./hpack-encoder.ts";
export type { BufferPool } from "./output.ts";
export type { IncomingHeaders } from "./request-headers.ts";
export type { Stream, StreamReceiver } from "./stream.ts";
