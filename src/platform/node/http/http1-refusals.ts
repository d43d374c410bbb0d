/** What HTTP/1.1 clients are told whose request cannot be read, where a limit is the reason by its name. */
import type { Socket } from "node:net";
import type { Limits } from "../limits.ts";
import { originOf } from "../listen/address.ts";
import type { RefusalLog } from "../refusal-log.ts";

interface Refusal {
  readonly status: string;
  readonly text: string;
  readonly flag?: string;
}

export function refuseClient(
  error: NodeJS.ErrnoException,
  socket: Socket & { readonly _httpMessage?: { readonly headersSent: boolean } },
  limits: Limits,
  refusals: RefusalLog,
): void {
  const { status, text, flag } = refusalOf(error, limits);
  if (flag !== undefined) refusals.add(flag, "a request was refused", { from: originOf(socket), reason: text });
  // In the midst of a response nothing more can be said.
  if (!socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  const head = `Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${text}`);
  socket.destroySoon();
}

function refusalOf({ code }: NodeJS.ErrnoException, { maxHeaderBytes, handshakeTimeoutMs }: Limits): Refusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW": {
      const text = `etcdlite: headers of more than ${maxHeaderBytes} bytes, see --max-header-bytes\n`;
      return { status: "431 Request Header Fields Too Large", text, flag: "max-header-bytes" };
    }
    case "ERR_HTTP_REQUEST_TIMEOUT": {
      const text = `etcdlite: no headers within ${handshakeTimeoutMs} ms, see --handshake-timeout\n`;
      return { status: "408 Request Timeout", text, flag: "handshake-timeout" };
    }
    default:
      return { status: "400 Bad Request", text: "" };
  }
}
