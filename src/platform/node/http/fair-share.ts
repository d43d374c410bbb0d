/** What requests other than native gRPC may keep us busy with, in memory and in time: grpc/buffers.ts says how much. */
import type { Buffers, ConnectionBuffer } from "../grpc/buffers.ts";
import { type Collected, collect } from "./collect.ts";
import { MessageMeter } from "./message-meter.ts";
import { sendWhole } from "./reply.ts";
import { type HeadList, type HttpRequest, type HttpResponse, SMALL_BYTES } from "./types.ts";

/** Of gRPC, gRPC-Web, and Connect's streams. */
const ENVELOPED = /^application\/(?:grpc|connect\+)/;

export class FairShare {
  readonly #buffers: Buffers;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
  }

  /** `collect`, with the body counted as it comes, and handed on in its turn; never, once the client has left. */
  collect(request: HttpRequest, response: HttpResponse, maxBytes: number, { whole, tooLarge }: Collected): void {
    const buffer = this.#buffers.of(connectionOf(request));
    const announcedBytes = Number(request.headers["content-length"]);
    const isCounted = !(announcedBytes <= SMALL_BYTES || announcedBytes > maxBytes);
    const held = isCounted ? new Held(buffer, response) : undefined;
    let bytes = 0;
    const count = (piece: Uint8Array): void => {
      bytes += piece.length;
      held?.set(bytes);
    };
    if (isCounted) request.on("data", count);
    collect(request, maxBytes, {
      whole: (body) => {
        held?.set(0);
        if (!buffer.mustWait(body.length)) {
          whole(body);
          return;
        }
        const stopWaiting = buffer.whenRoom(body.length, () => {
          response.off("close", stopWaiting);
          whole(body);
        });
        response.once("close", stopWaiting);
      },
      tooLarge: (pieces, sizeBytes) => {
        request.off("data", count);
        held?.set(0);
        tooLarge(pieces, sizeBytes);
      },
    });
  }

  /** A body of messages, each counted until it is whole, and handed on in its turn. */
  async *pieces(
    request: HttpRequest,
    response: HttpResponse,
    body: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const buffer = this.#buffers.of(connectionOf(request));
    const held = new Held(buffer, response);
    const meter = new MessageMeter(ENVELOPED.test(request.headers["content-type"] ?? ""));
    for await (const piece of body) {
      const wholeBytes = meter.read(piece);
      if (wholeBytes > 0) await this.#inTurn(held, buffer, wholeBytes, response);
      held.set(wholeBytes + meter.pendingBytes);
      yield piece;
    }
    if (meter.pendingBytes > 0) await this.#inTurn(held, buffer, meter.pendingBytes, response);
  }

  /** Settles in the turn of a message, or when the client has left. */
  async #inTurn(held: Held, buffer: ConnectionBuffer, bytes: number, response: HttpResponse): Promise<void> {
    if (!buffer.mustWait(bytes)) return;
    held.set(0);
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        stopWaiting();
        resolve();
      };
      const stopWaiting = buffer.whenRoom(bytes, () => {
        response.off("close", stop);
        resolve();
      });
      response.once("close", stop);
    });
    held.set(bytes);
  }

  /** `sendWhole`, with what the client has not taken counted. */
  send(response: HttpResponse, ...reply: [status: number, head: HeadList, body: Uint8Array]): void {
    const [, , body] = reply;
    if (body.length > SMALL_BYTES && !response.destroyed) {
      const buffer = this.#buffers.of(connectionOf(response.req));
      buffer.replied(body.length);
      new Held(buffer, response).set(body.length);
    }
    sendWhole(response, ...reply);
  }
}

/** Bytes of one exchange, until it is over. */
class Held {
  readonly #buffer: ConnectionBuffer;
  #bytes = 0;
  #isOver = false;

  constructor(buffer: ConnectionBuffer, response: HttpResponse) {
    this.#buffer = buffer;
    response.once("close", () => {
      this.set(0);
      this.#isOver = true;
    });
  }

  set(bytes: number): void {
    if (this.#isOver) return;
    this.#buffer.change(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}

/** Of node:http2 each request has a socket of its own, and only the session is the same. */
function connectionOf(request: HttpRequest): object {
  const session = "stream" in request ? request.stream.session : undefined;
  return session ?? request.socket;
}
