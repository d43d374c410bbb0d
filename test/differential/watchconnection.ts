/**
 * One watch stream of one server: sends requests, sorts what arrives, and lets callers wait for it.
 *
 * Control replies (created, canceled on request) are queued in order; events and compaction cancels are
 * kept for each watch ID; progress replies have a list of their own. Nothing here waits by time, apart from
 * the bound after which a wait is given up and reported.
 */

import type { Client } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Watch, WatchRequest, WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchResponseSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { type Event, EventSchema } from "../../src/gen/mvccpb/kv_pb.ts";
import type { Identity } from "./identity.ts";
import { normaliseHeader } from "./normalise.ts";
import { RequestQueue } from "./requestqueue.ts";
import { formatMessage } from "./text.ts";

type Waiter = { readonly condition: () => boolean; readonly resolve: (met: boolean) => void };

export class WatchConnection {
  /** Created, and canceled because the client asked: in the order they came. */
  readonly controls: WatchResponse[] = [];
  /** Replies to progress requests. */
  readonly progress: WatchResponse[] = [];
  /** Why the stream ended, if it did before close(). */
  ended: string | undefined;
  /** A second reply of this text is due to a repeated request, see askProgress. */
  ignoredProgress: string | undefined;
  readonly #deliveries = new Map<bigint, WatchResponse[]>();
  readonly #received = new Map<bigint, number>();
  /** Of what has arrived, and of what has been formatted: broken promises are found in the latter. */
  readonly #newestRevision = new Map<bigint, number>();
  readonly #lastRevision = new Map<bigint, bigint>();
  readonly #requests = new RequestQueue<WatchRequest>();
  readonly #abort = new AbortController();
  readonly #identity: Identity;
  #responseCount = 0;
  #waiters: Waiter[] = [];

  constructor(client: Client<typeof Watch>, identity: Identity, headers: Record<string, string>) {
    this.#identity = identity;
    void this.#read(client, headers);
  }

  send(request: WatchRequest): void {
    this.#requests.push(request);
  }

  halfClose(): void {
    this.#requests.end();
  }

  close(): void {
    this.#requests.end();
    this.#abort.abort();
  }

  /** Events, and one for a compaction cancel, that came for a watch since it was made. */
  received(watchId: bigint): number {
    return this.#received.get(watchId) ?? 0;
  }

  /** The revision of the last event that came for a watch. */
  lastRevision(watchId: bigint): number {
    return this.#newestRevision.get(watchId) ?? 0;
  }

  /** Responses that came since this was asked last. */
  takeResponseCount(): number {
    const count = this.#responseCount;
    this.#responseCount = 0;
    return count;
  }

  /** Forgets the counts of a watch that is gone, so that its ID can be used again. */
  forget(watchId: bigint): void {
    this.#received.delete(watchId);
    this.#newestRevision.delete(watchId);
    this.#lastRevision.delete(watchId);
  }

  /** Waits until the condition holds (true), or the stream ends or the bound passes (false). */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition() || this.ended !== undefined) return Promise.resolve(condition());
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.resolve(condition()), timeoutMs);
      const waiter: Waiter = {
        condition,
        resolve: (met) => {
          clearTimeout(timer);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve(met);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** What came for one watch since the last drain, in order. */
  drain(watchId: bigint): WatchResponse[] {
    const responses = this.#deliveries.get(watchId) ?? [];
    this.#deliveries.delete(watchId);
    return responses;
  }

  /** The watches something has come for since the last drain, by ID. */
  delivered(): bigint[] {
    return [...this.#deliveries.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  async #read(client: Client<typeof Watch>, headers: Record<string, string>): Promise<void> {
    try {
      for await (const response of client.watch(this.#requests, { signal: this.#abort.signal, headers })) {
        this.#sort(response);
        this.#wake();
      }
      this.ended = "OK";
    } catch (error) {
      this.ended = formatError(ConnectError.from(error));
    }
    this.#requests.end();
    this.#wake();
  }

  #sort(response: WatchResponse): void {
    this.#responseCount += 1;
    if (response.header !== undefined) normaliseHeader(response.header, this.#identity);
    const isControl = response.created || (response.canceled && response.compactRevision === 0n);
    if (isControl) {
      this.controls.push(response);
    } else if (response.watchId === -1n && response.events.length === 0) {
      this.progress.push(response);
    } else if (response.events.length > 0 || response.canceled) {
      const { watchId } = response;
      const queue = this.#deliveries.get(watchId);
      if (queue === undefined) this.#deliveries.set(watchId, [response]);
      else queue.push(response);
      this.#newestRevision.set(watchId, Number(revisionOf(response.events.at(-1))));
      this.#received.set(watchId, this.received(watchId) + Math.max(1, response.events.length));
    }
    // What is left is a periodic progress notification of one watch, which is timed.
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      const met = waiter.condition();
      if (met || this.ended !== undefined) waiter.resolve(met);
    }
  }

  /**
   * The drained responses of one watch as lines: one an event, and one for each broken promise. How one
   * revision was cut into fragments goes to `cuts`, by revision; where several share a response, the cuts
   * depend on how many, which is timed.
   */
  format(watchId: bigint, responses: readonly WatchResponse[], cuts = new Map<bigint, string>()): string[] {
    const lines: string[] = [];
    let continued = false;
    let series: Event[][] = [];
    for (const response of responses) {
      const { events } = response;
      if (events.length === 0) {
        lines.push(formatMessage(WatchResponseSchema, response));
        continue;
      }
      lines.push(...this.#brokenPromises(watchId, response, continued));
      for (const event of events) lines.push(formatMessage(EventSchema, event, true));
      series.push(events);
      continued = response.fragment;
      const last = revisionOf(events.at(-1));
      this.#lastRevision.set(watchId, last);
      if (continued) continue;
      if (series.length > 1 && revisionOf(series[0]?.[0]) === last) {
        cuts.set(last, series.map((fragment) => fragment.length).join("+"));
      }
      series = [];
    }
    if (continued) lines.push("BROKEN: the last response has fragment=true");
    return lines;
  }

  /** WA5: events in order, no revision in two responses, and the header not behind the events. */
  #brokenPromises(watchId: bigint, response: WatchResponse, continued: boolean): string[] {
    const lines: string[] = [];
    let last = this.#lastRevision.get(watchId) ?? 0n;
    const first = revisionOf(response.events[0]);
    if (!continued && first <= last) lines.push(`BROKEN: revision ${first} after a response that ended with ${last}`);
    for (const event of response.events) {
      const revision = revisionOf(event);
      if (revision < last) lines.push(`BROKEN: revision ${revision} after ${last}`);
      last = revision;
    }
    const header = response.header;
    if (header === undefined || header.revision < last) lines.push("BROKEN: the header is behind the events");
    if (header?.clusterId !== 1n || header.memberId !== 1n) lines.push("BROKEN: the header has other IDs");
    return lines;
  }
}

function revisionOf(event: Event | undefined): bigint {
  return event?.kv?.modRevision ?? 0n;
}

/** `error OutOfRange: etcdserver: mvcc: required revision has been compacted`, and the types of its details. */
export function formatError(error: ConnectError): string {
  const details = error.details.map((detail) => ("type" in detail ? detail.type : detail.desc.typeName));
  const more = details.length === 0 ? "" : ` (details: ${details.join(", ")})`;
  return `error ${Code[error.code] ?? error.code}: ${error.rawMessage}${more}`;
}
