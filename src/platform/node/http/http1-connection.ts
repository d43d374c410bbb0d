import type { Server } from "node:http";
import type { Socket } from "node:net";
import { isEncrypted } from "../tls/peer.ts";

const nothing = (): void => {};

/**
 * Hands a connection to node:http. That takes the bytes straight from what is under a socket, and pauses its parser while
 * replies wait; but TLS then still gives it the rest of what it has decrypted, and the connection of a client that
 * pipelines ends (HPE_PAUSED). So of TLS it reads the socket as a stream, which keeps what comes: that is what it does
 * once it has seen a listener for the bytes that is not its own.
 */
export function serveHttp1(server: Server, socket: Socket): void {
  server.emit("connection", socket);
  if (!isEncrypted(socket)) return;
  socket.on("data", nothing);
  socket.off("data", nothing);
}
