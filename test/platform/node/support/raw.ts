/** gRPC as bytes: what a client of our own making sends, right or wrong, and what comes back. */
import http2 from "node:http2";
import net from "node:net";
import { onTestFinished } from "vitest";

export const PUT = "/etcdserverpb.KV/Put";
export const RANGE = "/etcdserverpb.KV/Range";
export const RANGE_STREAM = "/etcdserverpb.KV/RangeStream";
export const WATCH = "/etcdserverpb.Watch/Watch";

/** A message with its prefix. */
export function frame(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

export interface Reply {
  readonly httpStatus: number | undefined;
  readonly headers: http2.IncomingHttpHeaders;
  /** Undefined if there were none: a status in the headers then. */
  readonly trailers: http2.IncomingHttpHeaders | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly body: Buffer;
  readonly resetCode: number;
}

export interface RawRequest {
  readonly path?: string;
  readonly headers?: http2.OutgoingHttpHeaders;
  /** Sent as they are. */
  readonly chunks?: readonly Uint8Array[];
  /** Default true: the client has no more to send. */
  readonly end?: boolean;
}

export class RawCall {
  readonly stream: http2.ClientHttp2Stream;
  readonly reply: Promise<Reply>;
  #body = Buffer.alloc(0);
  #onData: (() => void) | undefined;

  constructor(session: http2.ClientHttp2Session, request: RawRequest) {
    const headers = {
      ":method": "POST",
      ":path": request.path ?? PUT,
      "content-type": "application/grpc",
      te: "trailers",
      ...request.headers,
    };
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    this.stream = session.request(Object.fromEntries(given), { endStream: false });
    this.reply = this.#collect();
    for (const chunk of request.chunks ?? []) this.stream.write(chunk);
    if (request.end !== false) this.stream.end();
  }

  /** Settles when the body received so far holds `count` whole messages. */
  async messages(count: number): Promise<Buffer[]> {
    for (;;) {
      const found = split(this.#body);
      if (found.length >= count) return found;
      if (this.stream.closed) throw new Error(`closed after ${found.length} of ${count} messages`);
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }

  #collect(): Promise<Reply> {
    let headers: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders | undefined;
    const { stream } = this;
    stream.on("response", (received) => {
      headers = received;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => {
      this.#body = Buffer.concat([this.#body, chunk]);
      this.#onData?.();
    });
    stream.on("error", () => {});
    return new Promise((resolve) => {
      stream.on("close", () => {
        this.#onData?.();
        const status = trailers ?? headers;
        const code = status["grpc-status"];
        resolve({
          httpStatus: headers[":status"] === undefined ? undefined : Number(headers[":status"]),
          headers,
          trailers,
          code: code === undefined ? undefined : Number(code),
          message: status["grpc-message"] as string | undefined,
          body: this.#body,
          resetCode: stream.rstCode ?? -1,
        });
      });
    });
  }
}

export class RawClient {
  readonly session: http2.ClientHttp2Session;

  private constructor(session: http2.ClientHttp2Session) {
    this.session = session;
  }

  /** Closed when the test is over. @param settings such as a small window, to be a slow reader by */
  static async connect(url: string, settings: http2.Settings = {}): Promise<RawClient> {
    const client = await RawClient.open(url, settings);
    onTestFinished(() => client.session.destroy());
    return client;
  }

  /** For who closes the session. */
  static async open(url: string, settings: http2.Settings = {}): Promise<RawClient> {
    const session = http2.connect(url, { settings: { initialWindowSize: 1 << 20, ...settings } });
    session.on("error", () => {});
    await new Promise((resolve, reject) => {
      session.once("connect", resolve);
      session.once("error", reject);
    });
    return new RawClient(session);
  }

  start(request: RawRequest = {}): RawCall {
    return new RawCall(this.session, request);
  }

  call(request: RawRequest = {}): Promise<Reply> {
    return this.start(request).reply;
  }
}

function split(body: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) break;
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

/** A connection without any protocol. */
export class RawSocket {
  readonly socket: net.Socket;
  /** Settles with all that was received, when the server has closed. */
  readonly closed: Promise<string>;
  #received = "";

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#received += chunk.toString("latin1");
      socket.emit("received");
    });
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.on("close", () => resolve(this.#received)));
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<RawSocket> {
    const socket = net.connect({ port, host, noDelay: true });
    const raw = new RawSocket(socket);
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    onTestFinished(() => void socket.destroy());
    return raw;
  }

  /** Settles once the bytes have left. */
  send(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Settles when what was received so far satisfies `test`. */
  async received(test: (text: string) => boolean): Promise<string> {
    while (!test(this.#received)) await new Promise((resolve) => this.socket.once("received", resolve));
    return this.#received;
  }
}
