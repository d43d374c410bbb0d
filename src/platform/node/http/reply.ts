import type { HeadList, HttpResponse } from "./types.ts";

/** A larger body costs more to be made a text than to be sent by itself. */
const MAX_TEXT_BYTES = 16 * 1024;
/** Of a socket with TLS Deno makes UTF-8 of a text, whatever it is told. */
const KEEPS_TEXT = !("deno" in process.versions);

/** No reply is guessed to be a page or a script, nor put into another page as a picture or a frame's document. */
export const SAFETY_HEAD: HeadList = [
  ...["X-Content-Type-Options", "nosniff"],
  ...["Cross-Origin-Resource-Policy", "same-origin"],
];

/** For those who write the rest of the head themselves. */
export function setHead(response: Pick<HttpResponse, "setHeader">, head: HeadList): void {
  for (let at = 0; at < head.length; at += 2) response.setHeader(head[at] as string, head[at + 1] as string);
}

export function withHeaders(head: HeadList, headers: Readonly<Record<string, string>>): string[] {
  const all = [...head];
  for (const name in headers) all.push(name, headers[name] as string);
  return all;
}

/** Sends a response that is whole, if the client is still there. */
export function sendWhole(response: HttpResponse, status: number, head: HeadList, body: Uint8Array): void {
  if (response.destroyed) return;
  const whole = [...head, "Content-Length", String(body.length)];
  if (response.respondWhole !== undefined) {
    response.respondWhole(status, whole, body);
    return;
  }
  response.writeHead(status, whole);
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
