/** The lease keep-alive stream of one server: one request, one reply, in order; reopened after it ended. */
import type { Client } from "@connectrpc/connect";
import type { Lease, LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { RequestQueue } from "./requestqueue.ts";

const REPLY_TIMEOUT_MS = 30_000;

type Stream = {
  readonly requests: RequestQueue<LeaseKeepAliveRequest>;
  readonly replies: AsyncIterator<LeaseKeepAliveResponse>;
  readonly abort: AbortController;
};

export class KeepAliveConnection {
  readonly #client: Client<typeof Lease>;
  readonly #headers: () => Record<string, string>;
  #stream: Stream | undefined;

  /** `headers` is asked whenever the stream is opened. */
  constructor(client: Client<typeof Lease>, headers: () => Record<string, string>) {
    this.#client = client;
    this.#headers = headers;
  }

  async renew(request: LeaseKeepAliveRequest): Promise<LeaseKeepAliveResponse> {
    this.#stream ??= this.#open();
    const stream = this.#stream;
    const timer = setTimeout(() => stream.abort.abort(), REPLY_TIMEOUT_MS);
    try {
      stream.requests.push(request);
      const next = await stream.replies.next();
      if (next.done === true) throw new Error("the keep-alive stream ended");
      return next.value;
    } catch (error) {
      this.#stream = undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#stream?.requests.end();
    this.#stream?.abort.abort();
    this.#stream = undefined;
  }

  #open(): Stream {
    const requests = new RequestQueue<LeaseKeepAliveRequest>();
    const abort = new AbortController();
    const options = { signal: abort.signal, headers: this.#headers() };
    const replies = this.#client.leaseKeepAlive(requests, options)[Symbol.asyncIterator]();
    return { requests, replies, abort };
  }
}
