/** A file of its own, so that a page fetches the one protocol that it speaks. */
export { createGrpcWebTransport } from "@connectrpc/connect-web";
