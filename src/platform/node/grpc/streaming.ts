/**
 * Calls with a stream on either side or both. The next response is asked for when the connection has room,
 * requests are read while the method takes them. A client that has sent its last request is still answered.
 */
import type { Message } from "@bufbuild/protobuf";
import { EtcdError, Status } from "../../../errors.ts";
import type { CallStatus } from "../../../rpc/index.ts";
import { Call, type CallOptions } from "./call.ts";
import { ABORT_REASON } from "./context.ts";
import { decodeMessage, TooDeepError } from "./decoder.ts";
import { FrameReader, onlyMessage, PREFIX_BYTES } from "./frames.ts";
import type { Method } from "./methods.ts";
import { RequestQueue, type RequestSource } from "./request-queue.ts";
import { ResponsePump, type ResponseSink } from "./response-pump.ts";
import { ResponseWriter } from "./response-writer.ts";
import { OK } from "./status.ts";

const NO_REQUEST = "cardinality violation: received no request message from non-client-streaming RPC";
const MANY_REQUESTS = "cardinality violation: received multiple request messages for non-client-streaming RPC";
const NOT_PROTOBUF = "cannot parse invalid wire-format data";

export type StreamMethod = Exclude<Method, { kind: "unary" }>;

export class StreamCall extends Call implements RequestSource, ResponseSink {
  readonly #method: StreamMethod;
  readonly #writer: ResponseWriter;
  /** Only for messages that come in pieces, or several in a piece. */
  #reader: FrameReader | undefined;
  /** Undefined for a call that has no stream of them; `request` is its one. */
  #requests: RequestQueue | undefined;
  #request: Message | undefined;
  #responses: ResponsePump | undefined;
  #stopWaiting: (() => void) | undefined;
  /** It has stood in line with others of its connection. */
  #isItsTurn = false;

  constructor(options: CallOptions, method: StreamMethod) {
    super(options);
    this.#method = method;
    this.#writer = new ResponseWriter(options.stream, () => this.#count());
  }

  override start(): void {
    const method = this.#method;
    const requests = method.kind === "server_streaming" ? undefined : new RequestQueue(this);
    this.#requests = requests;
    super.start();
    if (requests === undefined) return;
    if (method.kind === "bidi_streaming") this.#respondWith(() => method.run(requests, this.context));
    else if (method.kind === "client_streaming") this.#collect(() => method.run(requests, this.context));
  }

  received(chunk: Uint8Array): void {
    if (this.done) return;
    const only = this.#reader === undefined ? onlyMessage(chunk, this.host.maxMessageBytes) : undefined;
    if (only === undefined) this.#readAll(chunk);
    else this.#message(only);
    this.#requests?.pushed();
  }

  halfClosed(): void {
    if (this.done) return;
    if ((this.#reader?.bufferedBytes ?? 0) >= PREFIX_BYTES) {
      this.#refuse({ code: Status.INTERNAL, message: "unexpected EOF" });
      return;
    }
    const method = this.#method;
    if (method.kind !== "server_streaming") {
      this.#requests?.close();
      return;
    }
    const request = this.#request;
    if (request === undefined) this.end({ code: Status.INTERNAL, message: NO_REQUEST });
    else this.#respondWith(() => method.run(request, this.context));
  }

  roomAgain(): void {
    this.#writer.drained();
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  nextTurn(callback: () => void): void {
    this.buffer.whenRoom(0, callback);
  }

  failureSeen(error: Error): void {
    // A method that goes on all the same has had its time to send what it owes for earlier requests.
    setImmediate(() => this.fail(error));
  }

  get isOver(): boolean {
    return this.done;
  }

  /** As bytes a response is counted with what the connection holds; until then it is the store's. */
  hasRoom(callback: () => void): boolean {
    if (!this.#writer.hasRoom(callback)) return false;
    const hasToWait = this.#isItsTurn ? this.buffer.isFull : this.buffer.mustWait();
    this.#isItsTurn = false;
    if (!hasToWait) return true;
    this.#stopWaiting = this.buffer.whenRoom(0, () => {
      this.#isItsTurn = true;
      callback();
    });
    return false;
  }

  send(response: Message): void {
    if (!this.stream.headersSent) this.respond();
    this.append(response, this.#writer.batch);
    this.#writer.added();
  }

  ended(): void {
    this.end(OK);
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  protected awaitsRest(): boolean {
    if (this.#method.kind === "server_streaming") return this.#responses === undefined;
    return this.#reader !== undefined && this.#reader.bufferedBytes > 0;
  }

  protected release(): void {
    this.#stopWaiting?.();
    this.#writer.close();
    this.context.abort(ABORT_REASON);
    this.#requests?.abort(ABORT_REASON);
    this.#responses?.stop();
  }

  #count(): void {
    this.holds((this.#reader?.bufferedBytes ?? 0) + this.#writer.stuckBytes);
  }

  #readAll(chunk: Uint8Array): void {
    this.#reader ??= new FrameReader(this.host.maxMessageBytes);
    this.#reader.push(chunk);
    for (;;) {
      const bytes = this.#reader.next();
      if (bytes === undefined) break;
      if (!(bytes instanceof Uint8Array)) {
        this.messageEnded();
        this.#refuse(bytes);
        return;
      }
      if (!this.#message(bytes)) return;
    }
    this.#count();
    if (this.#reader.bufferedBytes === 0) this.#reader = undefined;
  }

  /** @returns false where it was the last that counts */
  #message(bytes: Uint8Array): boolean {
    this.messageEnded();
    this.host.traffic.receivedBytes += bytes.length;
    let message: Message;
    try {
      message = decodeMessage(this.method.input, bytes, this.host.maxMessageDepth);
    } catch (error) {
      const why = error instanceof TooDeepError ? error.message : NOT_PROTOBUF;
      this.#refuse({ code: Status.INTERNAL, message: `grpc: failed to unmarshal the received message: proto: ${why}` });
      return false;
    }
    if (this.#requests !== undefined) {
      this.#requests.push(message, bytes.length);
    } else if (this.#request === undefined) {
      this.#request = message;
    } else {
      this.end({ code: Status.INTERNAL, message: MANY_REQUESTS });
      return false;
    }
    return true;
  }

  /** What the client sent makes no sense; the requests before it still count. */
  #refuse(status: CallStatus): void {
    if (this.#requests === undefined) this.end(status);
    else this.#requests.close(new EtcdError(status.code as Status, status.message));
  }

  async #collect(run: () => Promise<Message>): Promise<void> {
    try {
      this.endWith(await run());
    } catch (error) {
      this.fail(error);
    }
  }

  #respondWith(run: () => AsyncIterable<Message>): void {
    try {
      this.#responses = new ResponsePump(this, run()[Symbol.asyncIterator]());
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#responses.run();
  }
}
