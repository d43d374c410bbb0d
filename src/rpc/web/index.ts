/** The lean road of unary calls of Connect and gRPC-Web, independent of what carries them. */
export { type WebCall, WebCalls } from "./calls.ts";
export type { BinaryFormat } from "./codec.ts";
export type { WebHead } from "./context.ts";
export type { HeaderList, WebReply } from "./protocols.ts";
