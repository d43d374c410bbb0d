import { toBinary } from "@bufbuild/protobuf";
import type { ResponseHeader } from "../gen/etcdserverpb/header_pb.ts";
import { type WatchResponse as WatchMessage, WatchResponseSchema } from "../gen/etcdserverpb/watch_pb.ts";
import type { Event } from "../gen/mvccpb/kv_pb.ts";
import { EventSchema } from "../gen/mvccpb/kv_pb.ts";
import { varintSize, type WatchEvent, type WatchResponse } from "../mvcc/index.ts";
import { type Etcd, REQUEST_OVERHEAD_BYTES } from "../server/index.ts";
import { header } from "./header.ts";
import { eventMessage } from "./responses.ts";

/** More than what an event takes beyond its keys and values. */
const MAX_EVENT_OVERHEAD_BYTES = 160;

/**
 * Events that never change, and that several watches are sent: an encoder may keep their bytes with them, and copy these
 * into the next message.
 */
export class SharedEvents extends Array<Event> {
  /** The field of a message that they are, tags and lengths included. */
  encoded: Uint8Array | undefined;
}

/** Whether a message is a watch's and says nothing but events. */
export function isOfEvents(message: unknown): boolean {
  const { $typeName, events } = message as Partial<WatchMessage>;
  return $typeName === WatchResponseSchema.typeName && events !== undefined && events.length > 0;
}

/** The messages of a stream: one for a response, or several where the client takes fragments and it is large (rule WA5). */
export class WatchMessages {
  readonly #etcd: Etcd;
  /** Of the response before. */
  #events: readonly WatchEvent[] = [];
  #messages: Event[] = [];
  #header: ResponseHeader | undefined;
  #headerRevision = -1;
  #repeats = 0;
  /** What is left of the last response's. */
  #parts: WatchMessage[] = [];

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  /** How many responses since `forget` had the events of the one before, for another watch. */
  get repeats(): number {
    return this.#repeats;
  }

  /** Nothing comes for a while. */
  forget(): void {
    this.#events = [];
    this.#messages = [];
    this.#repeats = 0;
  }

  /** The next message of the last response, undefined where there is none. */
  next(): WatchMessage | undefined {
    return this.#parts.length === 0 ? undefined : this.#parts.shift();
  }

  /** The first message of a response. */
  of(response: WatchResponse): WatchMessage {
    const events = this.#eventsOf(response);
    const message = this.#message(response, events);
    const maxBytes = this.#etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
    if (!response.fragment || events.length < 2 || estimate(response.events) < maxBytes) return message;
    const bare = toBinary(WatchResponseSchema, this.#message(response, [])).length;
    const parts = split(events, bare, maxBytes);
    this.#parts = parts.map((part, at) => {
      const message = this.#message(response, part);
      message.fragment = at < parts.length - 1;
      return message;
    });
    return this.#parts.shift() ?? message;
  }

  /** As the events of a response go to many watches one after the other, their messages are made once. */
  #eventsOf({ events }: WatchResponse): Event[] {
    if (events !== this.#events) {
      this.#events = events;
      this.#messages = events.length === 0 ? [] : events.map(eventMessage);
    } else if (events.length > 0) {
      this.#repeats++;
      if (!(this.#messages instanceof SharedEvents)) this.#messages = SharedEvents.from(this.#messages);
    }
    return this.#messages;
  }

  #message(response: WatchResponse, events: Event[]): WatchMessage {
    if (this.#header === undefined || this.#headerRevision !== response.revision) {
      this.#headerRevision = response.revision;
      this.#header = header(this.#etcd, response.revision);
    }
    return {
      $typeName: "etcdserverpb.WatchResponse",
      header: this.#header,
      watchId: response.watchId,
      created: response.created,
      canceled: response.canceled,
      compactRevision: BigInt(response.compactRevision),
      cancelReason: response.cancelReason,
      fragment: false,
      events,
    };
  }
}

function estimate(events: readonly WatchEvent[]): number {
  let bytes = 0;
  for (const { entry, prevKv } of events) {
    bytes += MAX_EVENT_OVERHEAD_BYTES + entry.key.length + entry.value.length;
    if (prevKv !== undefined) bytes += prevKv.key.length + prevKv.value.length;
  }
  return bytes;
}

/** Fills each part until the next event would bring it to the limit; a part has one event at least. */
function split(events: readonly Event[], bareBytes: number, maxBytes: number): Event[][] {
  const parts: Event[][] = [];
  let part: Event[] = [];
  let bytes = bareBytes;
  for (const event of events) {
    const length = toBinary(EventSchema, event).length;
    const added = 1 + varintSize(length) + length;
    if (part.length > 0 && bytes + added >= maxBytes) {
      parts.push(part);
      part = [];
      bytes = bareBytes;
    }
    part.push(event);
    bytes += added;
  }
  parts.push(part);
  return parts;
}
