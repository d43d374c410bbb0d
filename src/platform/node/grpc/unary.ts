/**
 * A unary call, answered as soon as its message is whole. As in grpc-go, what a client sends behind its one
 * message is not looked at.
 */
import type { Message } from "@bufbuild/protobuf";
import { Status } from "../../../errors.ts";
import type { CallStatus } from "../../../rpc/index.ts";
import { Call, type CallOptions } from "./call.ts";
import { ABORT_REASON } from "./context.ts";
import { decodeMessage, TooDeepError } from "./decoder.ts";
import { FrameReader, onlyMessage, PREFIX_BYTES } from "./frames.ts";
import type { UnaryFunction } from "./methods.ts";

const NO_MESSAGE: CallStatus = { code: Status.UNKNOWN, message: "EOF" };
const PART_OF_A_MESSAGE: CallStatus = { code: Status.UNKNOWN, message: "unexpected EOF" };
const NOT_PROTOBUF: CallStatus = {
  code: Status.INTERNAL,
  message: "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data",
};

function tooDeep({ message }: TooDeepError): CallStatus {
  return { code: Status.INTERNAL, message: `grpc: error unmarshalling request: proto: ${message}` };
}

export class UnaryCall extends Call {
  readonly #run: UnaryFunction;
  /** Only for a message that comes in pieces. */
  #reader: FrameReader | undefined;
  #running = false;
  #hasRun = false;
  #stopWaiting: (() => void) | undefined;

  constructor(options: CallOptions, run: UnaryFunction) {
    super(options);
    this.#run = run;
  }

  received(chunk: Uint8Array): void {
    if (this.#running || this.done) return;
    const message = this.#next(chunk);
    if (message === undefined) {
      this.holds(this.#reader?.bufferedBytes ?? 0);
      return;
    }
    if (!(message instanceof Uint8Array)) {
      this.end(message);
      return;
    }
    this.#running = true;
    if (this.buffer.mustWait(message.length)) this.#answerLater(message);
    else this.#answer(message);
  }

  halfClosed(): void {
    if (this.#running) return;
    this.end((this.#reader?.bufferedBytes ?? 0) < PREFIX_BYTES ? NO_MESSAGE : PART_OF_A_MESSAGE);
  }

  roomAgain(): void {
    // There is but one message, and nobody waits for it.
  }

  override isReading(): boolean {
    return !this.#hasRun;
  }

  protected awaitsRest(): boolean {
    return !this.#running;
  }

  protected release(): void {
    this.#stopWaiting?.();
    this.context.abort(ABORT_REASON);
  }

  /** In its turn, and once the client has taken some of the replies that wait for it. */
  #answerLater(message: Uint8Array): void {
    // What it is a small part of would else wait, too.
    const own = message.length * 2 < message.buffer.byteLength ? message.slice() : message;
    this.holds(0);
    this.#stopWaiting = this.buffer.whenRoom(own.length, () => {
      if (!this.done) this.#answer(own);
    });
  }

  #next(chunk: Uint8Array): Uint8Array | CallStatus | undefined {
    const { maxMessageBytes } = this.host;
    if (this.#reader === undefined) {
      const message = onlyMessage(chunk, maxMessageBytes);
      if (message !== undefined) return message;
      this.#reader = new FrameReader(maxMessageBytes);
    }
    this.#reader.push(chunk);
    return this.#reader.next();
  }

  #answer(bytes: Uint8Array): void {
    this.#hasRun = true;
    this.host.traffic.receivedBytes += bytes.length;
    let request: Message;
    try {
      request = decodeMessage(this.method.input, bytes, this.host.maxMessageDepth);
    } catch (error) {
      this.end(error instanceof TooDeepError ? tooDeep(error) : NOT_PROTOBUF);
      return;
    }
    let response: Message | Promise<Message>;
    try {
      response = this.#run(request, this.context);
    } catch (error) {
      this.fail(error);
      return;
    }
    // Most methods answer at once: a promise would put each reply behind another turn of the microtasks.
    if (!("then" in response)) {
      this.endWith(response);
      return;
    }
    response.then(
      (message) => this.endWith(message),
      (error: unknown) => this.fail(error),
    );
  }
}
