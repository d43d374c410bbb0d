/** etcd's JSON gateway, independent of what carries its requests. */
export type { GatewayCall, GatewayMethod, GatewayStreamReply } from "./calls.ts";
export type { GatewayHeaders } from "./context.ts";
export { Gateway, type GatewayOptions } from "./gateway.ts";
export { errorReply, type GatewayReply } from "./replies.ts";
