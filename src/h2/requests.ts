/**
 * RFC 9113, 8: from header blocks to requests, and to the trailers behind them. Of a client that does not take its
 * replies, further requests wait, and beyond a number of them are refused.
 */
import { BlockCache } from "./block-cache.ts";
import { ErrorCode, Flag } from "./constants.ts";
import { ConnectionError } from "./errors.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { areTrailers, type IncomingHeaders, type RequestHead, requestHead } from "./request-headers.ts";
import { ON_HEADERS, State, Verdict } from "./states.ts";
import type { Stream } from "./stream.ts";
import type { Streams } from "./streams.ts";

export interface RequestLimits {
  /** From 2^32 - 1 on there is no limit. */
  readonly maxConcurrentStreams: number;
  /** Names and values of a request, as RFC 9113, 6.5.2 counts them. */
  readonly maxHeaderBytes: number;
  /** Replies that the client has not taken; further requests wait until it has. */
  readonly maxConnectionBufferBytes: number;
}

const MAX_WAITING_REQUESTS = 1000;

type RequestHandler = (stream: Stream, headers: IncomingHeaders) => void;

export class Requests {
  /** No more streams are taken (6.8). */
  isClosing = false;
  readonly #streams: Streams;
  readonly #handle: RequestHandler;
  readonly #limits: RequestLimits;
  readonly #decoder: HpackDecoder;
  readonly #blocks = new BlockCache();
  #waiting: { readonly stream: Stream; readonly headers: IncomingHeaders }[] = [];

  constructor(streams: Streams, limits: RequestLimits, handle: RequestHandler) {
    this.#streams = streams;
    this.#limits = limits;
    this.#decoder = new HpackDecoder(limits.maxHeaderBytes);
    this.#handle = handle;
  }

  /** The client lets so many replies wait that its requests have to. */
  get areHeld(): boolean {
    return this.#streams.sender.queuedBytes > this.#limits.maxConnectionBufferBytes;
  }

  /**
   * A header block is whole.
   * @param dependsOnItself RFC 7540, 5.3.1
   * @throws ConnectionError
   */
  headers(id: number, flags: number, dependsOnItself: boolean, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#streams.get(id);
    const state = stream?.state ?? this.#streams.stateOf(id);
    if (state === undefined || (id & 1) === 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `stream ${id} cannot be opened`);
    }
    switch (ON_HEADERS[state]) {
      case Verdict.CONNECTION_ERROR:
        throw new ConnectionError(ErrorCode.STREAM_CLOSED, `headers on stream ${id}, which is closed`);
      case Verdict.DROP:
        this.#decoder.decode(bytes, start, end);
        this.#streams.ignore(id);
        return;
      case Verdict.STREAM_ERROR:
        this.#decoder.decode(bytes, start, end);
        this.#streams.failStream(stream as Stream, ErrorCode.STREAM_CLOSED);
        return;
      default:
        if (stream !== undefined) this.#trailers(stream, flags, bytes, start, end);
        else this.#open(id, (flags & Flag.END_STREAM) !== 0, dependsOnItself, this.#head(bytes, start, end));
    }
  }

  /** Hands on requests that have waited, if they need not any more. */
  admit(): void {
    if (this.#waiting.length === 0 || this.areHeld) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { stream, headers } of waiting) {
      if (stream.isClosed) continue;
      if (this.areHeld) {
        this.#waiting.push({ stream, headers });
        continue;
      }
      this.#handle(stream, headers);
      stream.resume();
    }
  }

  #open(id: number, hasEnded: boolean, dependsOnItself: boolean, head: RequestHead | undefined | null): void {
    this.#streams.lastId = id;
    if (this.isClosing) {
      this.#streams.ignore(id);
      return;
    }
    const fault = dependsOnItself ? ErrorCode.PROTOCOL_ERROR : this.#fault(head, hasEnded);
    if (fault !== undefined) {
      this.#streams.refuse(id, fault);
      return;
    }
    const { headers, contentLength } = head as RequestHead;
    const stream = this.#streams.open(id, hasEnded ? State.HALF_CLOSED_REMOTE : State.OPEN, contentLength);
    if (this.areHeld) {
      stream.pause();
      this.#waiting.push({ stream, headers });
    } else {
      this.#handle(stream, headers);
    }
    if (hasEnded) stream.deliverEnd();
  }

  #fault(head: RequestHead | undefined | null, hasEnded: boolean): ErrorCode | undefined {
    if (head === undefined) return ErrorCode.ENHANCE_YOUR_CALM;
    if (head === null || (hasEnded && head.contentLength > 0)) return ErrorCode.PROTOCOL_ERROR;
    if (this.#streams.size >= this.#limits.maxConcurrentStreams) return ErrorCode.REFUSED_STREAM;
    return this.areHeld && this.#waiting.length >= MAX_WAITING_REQUESTS ? ErrorCode.REFUSED_STREAM : undefined;
  }

  /** Undefined for a list that is too long, null for one that makes no request. */
  #head(bytes: Uint8Array, start: number, end: number): RequestHead | undefined | null {
    const { version } = this.#decoder;
    const known = this.#blocks.find(version, bytes, start, end);
    if (known !== undefined) return known;
    const fields = this.#decoder.decode(bytes, start, end);
    if (fields === undefined) return undefined;
    const head = requestHead(fields);
    if (head === undefined) return null;
    if (this.#decoder.version === version) this.#blocks.keep(version, bytes, start, end, head);
    return head;
  }

  /** 8.1: they end the request, and say nothing that anybody here would read. */
  #trailers(stream: Stream, flags: number, bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#decoder.decode(bytes, start, end);
    const isWell = (flags & Flag.END_STREAM) !== 0 && stream.expectedBytes <= 0;
    if (!isWell || fields === undefined || !areTrailers(fields)) {
      this.#streams.failStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    this.#streams.remoteEnded(stream);
    stream.deliverEnd();
  }
}
