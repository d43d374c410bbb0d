/** A server, by gRPC-Web. */
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { SERVER_URL } from "./server-url.ts";

export const transport = createGrpcWebTransport({ baseUrl: SERVER_URL });
