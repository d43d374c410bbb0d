import { create } from "@bufbuild/protobuf";
import {
  type WatchCreateRequest,
  WatchCreateRequestSchema,
  type WatchResponse,
} from "../../../../gen/etcdserverpb/watch_pb.ts";

/**
 * How far one watch has been delivered, so that another one can go on where it ends:
 *
 *     delivered   … 7.0 7.1 8.0 │ 8.1 8.2 9.0 …      a response in parts may end within a revision:
 *                               │                    the next watch begins at 8, and its first event is left out
 */
export class Position {
  readonly #request: WatchCreateRequest;
  #created = false;
  /** The revision to go on at. */
  #next = 0n;
  /** Events of that revision that were delivered. */
  #delivered = 0;
  /** Events of that revision that will come again. */
  #repeated = 0;

  constructor(request: WatchCreateRequest) {
    this.#request = request;
  }

  /** The request for a watch that goes on. */
  resume(): WatchCreateRequest {
    if (!this.#created) return this.#request;
    this.#repeated = this.#delivered;
    return create(WatchCreateRequestSchema, { ...this.#request, startRevision: this.#next });
  }

  /** What of a response has not been delivered; undefined for nothing. */
  accept(response: WatchResponse): WatchResponse | undefined {
    if (response.created) return this.#accepted(response);
    if (response.canceled) return response;
    if (response.events.length === 0) {
      this.progressed(revisionOf(response));
      return response;
    }
    return this.#advance(response);
  }

  /** All up to a revision is delivered. */
  progressed(revision: bigint): void {
    if (this.#delivered === 0 && revision >= this.#next) this.#next = revision + 1n;
  }

  #accepted(response: WatchResponse): WatchResponse | undefined {
    if (this.#created) {
      // The client knows that it was created: only that it could not be once more is news.
      response.created = false;
      return response.canceled ? response : undefined;
    }
    this.#created = !response.canceled;
    const { startRevision } = this.#request;
    this.#next = startRevision > 0n ? startRevision : revisionOf(response) + 1n;
    return response;
  }

  #advance(response: WatchResponse): WatchResponse | undefined {
    const { events, fragment } = response;
    let repeated = 0;
    while (repeated < this.#repeated && events[repeated]?.kv?.modRevision === this.#next) repeated++;
    this.#repeated -= repeated;
    if (repeated > 0) events.splice(0, repeated);
    const last = events.at(-1)?.kv?.modRevision;
    if (last === undefined) return fragment ? undefined : response;
    if (fragment) {
      const before = last === this.#next ? this.#delivered : 0;
      this.#delivered = before + events.filter(({ kv }) => kv?.modRevision === last).length;
      this.#next = last;
    } else {
      this.#delivered = 0;
      this.#next = last + 1n;
    }
    return response;
  }
}

function revisionOf(response: WatchResponse): bigint {
  return response.header?.revision ?? 0n;
}
