/** A server, by Connect's protocol. */
import { createConnectTransport } from "@connectrpc/connect-web";
import { SERVER_URL } from "./server-url.ts";

export const transport = createConnectTransport({ baseUrl: SERVER_URL, useBinaryFormat: true });
