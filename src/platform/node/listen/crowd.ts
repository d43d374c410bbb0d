/**
 * Connections past the most there may be. A few of them are told why, by the protocol they speak, as long as they
 * say soon which; the others are closed at once.
 */
import type { Socket } from "node:net";
import { ErrorCode } from "../../../h2/index.ts";
import type { Log } from "../log.ts";
import { RefusalLog } from "../refusal-log.ts";
import { originOf } from "./address.ts";
import { type Protocol, sniff } from "./protocol-sniffer.ts";

const MAX_TOLD_AT_ONCE = 100;
const TOLD_WITHIN_MS = 1000;

export class Crowd {
  readonly #refusals: RefusalLog;
  readonly #told = new Set<Socket>();

  constructor(log: Log) {
    this.#refusals = new RefusalLog(log);
  }

  refuse(socket: Socket, maxConnections: number): void {
    this.#refusals.add("max-connections", "a connection was refused", { from: originOf(socket), maxConnections });
    socket.on("error", () => {});
    if (this.#told.size >= MAX_TOLD_AT_ONCE) {
      socket.destroy();
      return;
    }
    this.#told.add(socket);
    socket.on("close", () => this.#told.delete(socket));
    const text = `etcdlite: ${maxConnections} connections are open, the most that --max-connections allows\n`;
    sniff(socket, TOLD_WITHIN_MS, (protocol) => {
      socket.write(farewell(protocol, text));
      socket.destroySoon();
    });
  }

  close(): void {
    for (const socket of this.#told) socket.destroy();
  }
}

function farewell(protocol: Protocol, text: string): Uint8Array {
  switch (protocol) {
    case "http1": {
      const head = `Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}`;
      return Buffer.from(`HTTP/1.1 503 Service Unavailable\r\n${head}\r\n\r\n${text}`);
    }
    case "http2": {
      const reason = Buffer.from(text.trim());
      const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
      const goaway = Buffer.from([0, 0, 8 + reason.length, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      goaway.writeUInt32BE(ErrorCode.ENHANCE_YOUR_CALM, goaway.length - 4);
      return Buffer.concat([settings, goaway, reason]);
    }
    case "tls":
      // Nobody has shown a certificate yet: there is nothing to be said.
      return Buffer.alloc(0);
  }
}
