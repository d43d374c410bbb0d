import { create, toBinary } from "@bufbuild/protobuf";
import { type WatchResponse as WatchMessage, WatchResponseSchema } from "../gen/etcdserverpb/watch_pb.ts";
import type { Event } from "../gen/mvccpb/kv_pb.ts";
import { EventSchema } from "../gen/mvccpb/kv_pb.ts";
import { varintSize, type WatchEvent, type WatchResponse } from "../mvcc/index.ts";
import { type Etcd, REQUEST_OVERHEAD_BYTES } from "../server/index.ts";
import { header } from "./header.ts";
import { eventMessage } from "./responses.ts";

/** More than what an event takes beyond its keys and values. */
const MAX_EVENT_OVERHEAD_BYTES = 160;

/** The messages for a response: one, or several where the client takes fragments and it is large (rule WA5). */
export function watchMessages(etcd: Etcd, response: WatchResponse): WatchMessage[] {
  const events = response.events.map(eventMessage);
  const maxBytes = etcd.options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
  if (!response.fragment || events.length < 2 || estimate(response.events) < maxBytes) {
    return [watchMessage(etcd, response, events)];
  }
  const bare = toBinary(WatchResponseSchema, watchMessage(etcd, response, [])).length;
  const parts = split(events, bare, maxBytes);
  return parts.map((part, at) => {
    const message = watchMessage(etcd, response, part);
    message.fragment = at < parts.length - 1;
    return message;
  });
}

function watchMessage(etcd: Etcd, response: WatchResponse, events: Event[]): WatchMessage {
  const message = create(WatchResponseSchema);
  message.header = header(etcd, response.revision);
  message.watchId = response.watchId;
  message.created = response.created;
  message.canceled = response.canceled;
  message.compactRevision = BigInt(response.compactRevision);
  message.cancelReason = response.cancelReason;
  message.events = events;
  return message;
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
