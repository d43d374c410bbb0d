/**
 * Calls with a stream on either side or both. The next response is asked for when the connection has room,
 * requests are read while the method takes them. A client that has sent its last request is still answered.
 */
import type { Message } from "@bufbuild/protobuf";
import { EtcdError, Status } from "../../../errors.ts";
import { type CallStatus, readyOf } from "../../../rpc/index.ts";
import { Call, type CallOptions } from "./call.ts";
import { ABORT_REASON } from "./context.ts";
import { decodeMessage, TooDeepError } from "./decoder.ts";
import { FrameReader, PREFIX_BYTES } from "./frames.ts";
import type { Method } from "./methods.ts";
import { RequestQueue } from "./request-queue.ts";
import { ResponseWriter } from "./response-writer.ts";
import { OK } from "./status.ts";

const NO_REQUEST = "cardinality violation: received no request message from non-client-streaming RPC";
const MANY_REQUESTS = "cardinality violation: received multiple request messages for non-client-streaming RPC";
const NOT_PROTOBUF = "cannot parse invalid wire-format data";

export type StreamMethod = Exclude<Method, { kind: "unary" }>;

export class StreamCall extends Call {
  readonly #method: StreamMethod;
  readonly #reader: FrameReader;
  readonly #writer: ResponseWriter;
  readonly #requests: RequestQueue;
  /** The one request of a call that has no stream of them. */
  #request: Message | undefined;
  #responses: AsyncIterator<Message> | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(options: CallOptions, method: StreamMethod) {
    super(options);
    this.#method = method;
    this.#reader = new FrameReader(options.host.maxMessageBytes);
    this.#writer = new ResponseWriter(options.stream, () => this.#count());
    this.#requests = new RequestQueue({
      pause: () => options.stream.pause(),
      resume: () => options.stream.resume(),
      nextTurn: (callback) => this.buffer.whenRoom(0, callback),
      // A method that goes on all the same has had its time to send what it owes for earlier requests.
      failureSeen: (error) => setImmediate(() => this.fail(error)),
    });
  }

  override start(): void {
    super.start();
    const method = this.#method;
    if (method.kind === "bidi_streaming") {
      this.#stream(() => method.run(this.#requests, this.context));
    } else if (method.kind === "client_streaming") {
      this.#collect(() => method.run(this.#requests, this.context));
    }
  }

  received(chunk: Uint8Array): void {
    if (this.done) return;
    this.#reader.push(chunk);
    for (;;) {
      const bytes = this.#reader.next();
      if (bytes === undefined) {
        this.#count();
        return;
      }
      this.messageEnded();
      if (!(bytes instanceof Uint8Array)) {
        this.#refuse(bytes);
        return;
      }
      this.host.traffic.receivedBytes += bytes.length;
      let message: Message;
      try {
        message = decodeMessage(this.method.input, bytes, this.host.maxMessageDepth);
      } catch (error) {
        const why = error instanceof TooDeepError ? error.message : NOT_PROTOBUF;
        this.#refuse({
          code: Status.INTERNAL,
          message: `grpc: failed to unmarshal the received message: proto: ${why}`,
        });
        return;
      }
      if (this.#method.kind !== "server_streaming") {
        this.#requests.push(message, bytes.length);
      } else if (this.#request === undefined) {
        this.#request = message;
      } else {
        this.end({ code: Status.INTERNAL, message: MANY_REQUESTS });
        return;
      }
    }
  }

  halfClosed(): void {
    if (this.done) return;
    if (this.#reader.bufferedBytes >= PREFIX_BYTES) {
      this.#refuse({ code: Status.INTERNAL, message: "unexpected EOF" });
      return;
    }
    const method = this.#method;
    if (method.kind !== "server_streaming") {
      this.#requests.close();
      return;
    }
    const request = this.#request;
    if (request === undefined) this.end({ code: Status.INTERNAL, message: NO_REQUEST });
    else this.#stream(() => method.run(request, this.context));
  }

  roomAgain(): void {
    this.#writer.drained();
  }

  protected awaitsRest(): boolean {
    if (this.#method.kind === "server_streaming") return this.#responses === undefined;
    return this.#reader.bufferedBytes > 0;
  }

  protected release(): void {
    this.#stopWaiting?.();
    this.#writer.flush();
    this.#writer.release();
    this.context.abort(ABORT_REASON);
    this.#requests.abort(ABORT_REASON);
    // Not awaited: a method may be anywhere, and its last word is of no use any more.
    this.#responses?.return?.().catch(() => {});
  }

  #count(): void {
    this.holds(this.#reader.bufferedBytes + this.#writer.stuckBytes);
  }

  /** Settles when it is its turn, and the connection's client takes what it is sent; or the call is over. */
  #connectionRoom(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.buffer.whenRoom(0, resolve);
      this.#stopWaiting = () => {
        stop();
        resolve();
      };
    });
  }

  /** What the client sent makes no sense; the requests before it still count. */
  #refuse(status: CallStatus): void {
    if (this.#method.kind === "server_streaming") this.end(status);
    else this.#requests.close(new EtcdError(status.code as Status, status.message));
  }

  async #collect(run: () => Promise<Message>): Promise<void> {
    try {
      this.endWith(await run());
    } catch (error) {
      this.fail(error);
    }
  }

  async #stream(run: () => AsyncIterable<Message>): Promise<void> {
    try {
      const responses = run()[Symbol.asyncIterator]();
      this.#responses = responses;
      const ready = readyOf(responses);
      for (;;) {
        let message = ready?.();
        if (message === undefined) {
          const next = await responses.next();
          if (this.done) return;
          if (next.done === true) break;
          message = next.value;
        }
        // As bytes it is counted with what the connection holds; until then it is the store's.
        for (let waits = this.buffer.mustWait(); waits && !this.done; waits = this.buffer.isFull) {
          await this.#connectionRoom();
        }
        if (this.done) return;
        if (!this.stream.headersSent) this.respond();
        this.append(message, this.#writer.batch);
        this.#writer.added();
        const room = this.#writer.room();
        if (room !== undefined) await room;
        if (this.done) return;
      }
      this.end(OK);
    } catch (error) {
      this.fail(error);
    }
  }
}
