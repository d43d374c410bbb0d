/** Clients that mean well: each has a connection of its own, and puts at a steady pace. */
import http2 from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { grpcMessage } from "./wire.ts";

const CLIENTS = 8;
/** Of one client; all together put so often that a pause of the server cannot hide between two of them. */
const PUT_EVERY_MS = 16;

export interface Measured {
  readonly count: number;
  readonly p99Ms: number;
  /** Puts that were not answered, or not with OK. */
  readonly failed: number;
}

export class Load {
  readonly #sessions: http2.ClientHttp2Session[] = [];

  static async connect(url: string): Promise<Load> {
    const load = new Load();
    for (let i = 0; i < CLIENTS; i++) {
      const session = http2.connect(url);
      session.on("error", () => {});
      load.#sessions.push(session);
      await put(session, i);
    }
    return load;
  }

  /** Puts until `until` settles. */
  async measure(until: Promise<unknown>): Promise<Measured> {
    const timesMs: number[] = [];
    let [isOver, failed] = [false, 0];
    void until.finally(() => {
      isOver = true;
    });
    const pending: Promise<void>[] = [];
    const startMs = performance.now();
    for (let round = 0; !isOver; round++) {
      const [session, client] = [this.#sessions[round % CLIENTS] as http2.ClientHttp2Session, round % CLIENTS];
      const sentMs = performance.now();
      pending.push(
        put(session, client).then(
          () => void timesMs.push(performance.now() - sentMs),
          () => void failed++,
        ),
      );
      const nextMs = startMs + ((round + 1) * PUT_EVERY_MS) / CLIENTS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
    }
    await Promise.all(pending);
    timesMs.sort((a, b) => a - b);
    return { count: timesMs.length, p99Ms: timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.NaN, failed };
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}

/** Long before it gives up, the attack has won. */
const PUT_TIMEOUT_MS = 10_000;

function put(session: http2.ClientHttp2Session, client: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const key = Buffer.from(`well-behaved/${client}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/etcdserverpb.KV/Put",
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status: unknown;
    stream.on("response", (headers) => {
      status ??= headers["grpc-status"];
    });
    stream.on("trailers", (trailers) => {
      status = trailers["grpc-status"];
    });
    stream.on("error", () => {});
    stream.setTimeout(PUT_TIMEOUT_MS, () => stream.close());
    stream.on("close", () => (status === "0" ? resolve() : reject(new Error(`a put ended with ${status}`))));
    stream.resume();
    stream.end(grpcMessage(toBinary(PutRequestSchema, create(PutRequestSchema, { key, value: key }))));
  });
}
