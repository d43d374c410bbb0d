/**
 * The stream a call speaks to, whatever carries it: node:http2 (`node-stream.ts`) or the engine of src/h2, whose
 * streams are such ones as they are.
 */
export type ResponseHeaders = Readonly<Record<string, string | number>>;

/** The connection that a stream is of. */
export interface CallSession {
  /** Or what says as much about the client. */
  readonly socket: object;
}

export interface CallReceiver {
  /** A piece of the request's body; the memory is the receiver's for as long as it likes. */
  received(piece: Uint8Array): void;
  /** The client has sent everything. */
  halfClosed(): void;
  /** `write` may go on. */
  roomAgain(): void;
  /** The stream is gone, whoever ended it. */
  closed(): void;
}

export interface CallStream {
  readonly headersSent: boolean;
  /** Whether the client still listens. */
  readonly isWritable: boolean;
  /** Undefined where it is gone already. */
  readonly session: CallSession | undefined;
  /** Whether memory that was given to `write` is still needed as it is. */
  readonly holdsBytes: boolean;
  /** Once; from then on the receiver is told what comes. */
  attach(receiver: CallReceiver): void;
  /** Headers, with more to follow. */
  respond(headers: ResponseHeaders): void;
  /** Headers that are the whole response. */
  respondOnly(headers: ResponseHeaders): void;
  /** @returns false if it is better to wait for `roomAgain` before more is written */
  write(bytes: Uint8Array): boolean;
  end(trailers: ResponseHeaders): void;
  /** A whole response. */
  reply(headers: ResponseHeaders, body: Uint8Array, trailers: ResponseHeaders): void;
  /** No more pieces for now; the client is stopped by its window. */
  pause(): void;
  resume(): void;
}
