import { create } from "@bufbuild/protobuf";
import {
  type WatchCreateRequest,
  WatchCreateRequestSchema,
  type WatchRequest,
  WatchRequestSchema,
  type WatchResponse,
} from "../../../../gen/etcdserverpb/watch_pb.ts";
import { Position } from "./position.ts";

/** The ID of responses that are of no one watch. */
const NO_WATCH = -1n;

/** A create that was not answered yet, and the ID of the watch if it is one that goes on. */
interface Pending {
  readonly request: WatchCreateRequest;
  readonly resumed: bigint | undefined;
}

/**
 * What a client's stream of etcdserverpb.Watch has come to: which watches it has, how far each is, and which
 * requests were not answered, so that another stream can take its place and nobody can tell.
 */
export class WatchSession {
  readonly #positions = new Map<bigint, Position>();
  readonly #cancels = new Set<bigint>();
  /** Creates are answered in their order. */
  #pending: Pending[] = [];
  #progressRequests = 0;
  #resumed = false;
  /** The ID that the first stream would give to the next watch without one. */
  #nextId = 0n;

  /** Takes note of a client's request; returns what is to be sent. */
  sent(request: WatchRequest): WatchRequest {
    const union = request.requestUnion;
    if (union.case === "createRequest") return this.#create(union.value, undefined);
    if (union.case === "cancelRequest" && this.#positions.has(union.value.watchId)) {
      this.#cancels.add(union.value.watchId);
    }
    if (union.case === "progressRequest") this.#progressRequests++;
    return request;
  }

  /** What a new stream is to be sent first. */
  resume(): WatchRequest[] {
    const unanswered = this.#pending.filter(({ resumed }) => resumed === undefined);
    const progressRequests = this.#progressRequests;
    this.#pending = [];
    this.#progressRequests = 0;
    this.#resumed = true;
    // Only the first watch of a stream without an ID of its own can be given 0.
    const positions = [...this.#positions].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...positions.map(([watchId, position]) =>
        this.#create(create(WatchCreateRequestSchema, { ...position.resume(), watchId }), watchId),
      ),
      ...unanswered.map(({ request }) => this.#create(request, undefined)),
      ...[...this.#cancels].map((watchId) => requestOf({ case: "cancelRequest", value: { watchId } as never })),
      ...Array.from({ length: progressRequests }, () =>
        this.sent(requestOf({ case: "progressRequest", value: {} as never })),
      ),
    ];
  }

  /** What of a response the client is to see; undefined for nothing. */
  received(response: WatchResponse): WatchResponse | undefined {
    if (response.created) return this.#created(response);
    if (response.watchId === NO_WATCH) {
      this.#progressRequests = Math.max(0, this.#progressRequests - 1);
      for (const position of this.#positions.values()) position.progressed(response.header?.revision ?? 0n);
      return response;
    }
    const position = this.#positions.get(response.watchId);
    if (response.canceled) this.#forget(response.watchId);
    return position === undefined ? response : position.accept(response);
  }

  #create(request: WatchCreateRequest, resumed: bigint | undefined): WatchRequest {
    let value = request;
    if (this.#resumed && request.watchId === 0n && resumed === undefined) {
      value = create(WatchCreateRequestSchema, { ...request, watchId: this.#freeId() });
    }
    this.#pending.push({ request: value, resumed });
    return requestOf({ case: "createRequest", value });
  }

  /** A stream that takes another's place would begin at 0 again; an ID is not to be given twice. */
  #freeId(): bigint {
    while (this.#positions.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #created(response: WatchResponse): WatchResponse | undefined {
    const pending = this.#pending.shift();
    if (pending === undefined) return response;
    const { request, resumed } = pending;
    if (resumed !== undefined) {
      response.watchId = resumed;
      if (response.canceled) this.#cancels.delete(resumed);
      const seen = this.#positions.get(resumed)?.accept(response);
      if (response.canceled) this.#forget(resumed);
      return seen;
    }
    if (response.canceled) return response;
    if (request.watchId === 0n) this.#nextId = response.watchId + 1n;
    const position = new Position(request);
    this.#positions.set(response.watchId, position);
    return position.accept(response);
  }

  #forget(watchId: bigint): void {
    this.#positions.delete(watchId);
    this.#cancels.delete(watchId);
  }
}

function requestOf(requestUnion: WatchRequest["requestUnion"]): WatchRequest {
  return create(WatchRequestSchema, { requestUnion });
}
