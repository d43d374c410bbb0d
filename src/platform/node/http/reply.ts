import type { HttpResponse } from "./types.ts";

/** A larger body costs more to be made a text than to be sent by itself. */
const MAX_TEXT_BYTES = 16 * 1024;
/** Of a socket with TLS Deno makes UTF-8 of a text, whatever it is told. */
const KEEPS_TEXT = !("deno" in process.versions);

/** Sends a response that is whole, if the client is still there. */
export function sendWhole(
  response: HttpResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "Content-Length": body.length });
  endWhole(response, body);
}

/** All of a body, its length being in the head. */
export function endWhole(response: HttpResponse, body: Uint8Array): void {
  const isHttp1 = "req" in response && response.req.httpVersionMajor === 1;
  // Of texts node:http makes one with the head, and writes them at once; in Latin-1 each byte is a character.
  if (isHttp1 && KEEPS_TEXT && body.length <= MAX_TEXT_BYTES) response.end(latin1(body), "latin1");
  else response.end(body);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
