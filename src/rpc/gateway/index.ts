/** etcd's JSON gateway, independent of what carries its requests. */

export { encodeErrorLine, encodeResultLine } from "../json/encoder.ts";
export { RequestReader } from "./body.ts";
export type { GatewayCall, GatewayMethod, GatewayStreamReply } from "./calls.ts";
export type { GatewayHeaders } from "./context.ts";
export { Gateway, type GatewayOptions } from "./gateway.ts";
export { errorReply, type GatewayReply } from "./replies.ts";
export { webSocketCallHeaders, webSocketProtocol } from "./websocket.ts";
