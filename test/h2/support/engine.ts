/** The engine on a port of its own, without all that is sniffed and served beside it. */
import net, { type AddressInfo } from "node:net";
import { realClock } from "../../../src/platform/node/clock.ts";
import { EngineFront } from "../../../src/platform/node/h2/front.ts";
import { Turns } from "../../../src/platform/node/h2/turns.ts";
import type { HttpRequest, HttpResponse } from "../../../src/platform/node/http/types.ts";
import { DEFAULT_LIMITS, type Limits } from "../../../src/platform/node/limits.ts";
import { SILENT } from "../../../src/platform/node/log.ts";
import { RefusalLog } from "../../../src/platform/node/refusal-log.ts";

export type Handler = (request: HttpRequest, response: HttpResponse) => void;

export interface BareServer {
  readonly url: string;
  close(): Promise<void>;
}

const hello: Handler = (request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/plain" });
  response.end("hello");
};

/** @param handle serves what comes; by default it says hello */
export async function startEngine(
  handle: Handler = hello,
  limits: Partial<Limits> = {},
  turns = new Turns(realClock),
): Promise<BareServer> {
  const front = new EngineFront({
    limits: { ...DEFAULT_LIMITS, ...limits },
    clock: realClock,
    turns,
    keepAlive: undefined,
    refusals: new RefusalLog(SILENT),
    log: SILENT,
    onCall: () => false,
    onRequest: handle,
  });
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    front.connect(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => {
    front.close();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
