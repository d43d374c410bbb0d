/**
 * Random connections for the fuzzer: requests that are well, cut and mixed in every way the RFC allows, and in some
 * connections one thing that is wrong.
 */

import { HpackEncoder } from "../../../src/h2/hpack-encoder.ts";
import type { Random } from "../../differential/random.ts";
import {
  block,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  PADDED,
  PREFACE,
  PRIORITY,
  settings,
  uint32,
  windowUpdate,
} from "./frames.ts";

export interface Script {
  readonly bytes: Buffer;
  /** Streams whose requests are whole and well. */
  readonly good: readonly number[];
  /** What is wrong, and on which stream; 0 for the connection. */
  readonly fault: { readonly name: string; readonly id: number } | undefined;
}

type Field = readonly [string, string];

/** Of count things one, by its number. */
function below(random: Random, count: number): number {
  return random.integer(0, count - 1);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T;
}

function chance(random: Random, probability: number): boolean {
  return random.float() < probability;
}

/** What changes nothing. */
function noise(random: Random, id: number): Buffer[] {
  return [
    pick(random, [
      frame(FRAME.PING, 0, 0, uint32(1, 2)),
      frame(FRAME.PRIORITY, 0, id, [0, 0, 0, 0, 7]),
      frame(0xbe, 0xff, id, [1, 2, 3]),
      settings([0xee, 7]),
      windowUpdate(0, 1),
      windowUpdate(id, 1),
    ]),
  ];
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
const VALUES = ["", "a", "text/plain", "~".repeat(40), "gzip, deflate", "0", "ü\u00ff", "x".repeat(300)];

/** Each takes a request's fields, and makes it one that must be refused. */
const HEADER_FAULTS: Record<string, (fields: Field[]) => Field[]> = {
  "no method": (fields) => fields.filter(([name]) => name !== ":method"),
  "no path": (fields) => fields.filter(([name]) => name !== ":path"),
  "no scheme": (fields) => fields.filter(([name]) => name !== ":scheme"),
  "a path twice": (fields) => [...fields.slice(0, 4), [":path", "/"], ...fields.slice(4)],
  "a pseudo-header behind": (fields) => [...fields.slice(1), ["x-a", "b"], fields[0] as Field],
  "a response's pseudo-header": (fields) => [[":status", "200"], ...fields],
  "a capital": (fields) => [...fields, ["X-a", "b"]],
  "a space in a name": (fields) => [...fields, ["x a", "b"]],
  "a line feed": (fields) => [...fields, ["x-a", "b\nc"]],
  "a NUL": (fields) => [...fields, ["x-a", "b\0c"]],
  connection: (fields) => [...fields, ["connection", "close"]],
  "transfer-encoding": (fields) => [...fields, ["transfer-encoding", "chunked"]],
  te: (fields) => [...fields, ["te", "gzip"]],
  "content-length": (fields) => [...fields, ["content-length", "999999"]],
};

/** Frames that end a connection, whatever its state. */
const FRAME_FAULTS: Record<string, (id: number) => Buffer> = {
  "DATA on stream 0": () => frame(FRAME.DATA, 0, 0, [1]),
  "HEADERS on stream 0": () => frame(FRAME.HEADERS, END_HEADERS, 0, [0x82]),
  "an even stream": (id) => frame(FRAME.HEADERS, END_HEADERS | END_STREAM, id + 1, block([[":method", "GET"]])),
  "DATA on an idle stream": (id) => frame(FRAME.DATA, 0, id + 100, [1]),
  "RST_STREAM on an idle stream": (id) => frame(FRAME.RST_STREAM, 0, id + 100, uint32(8)),
  "WINDOW_UPDATE on an idle stream": (id) => windowUpdate(id + 100, 1),
  "a short PING": () => frame(FRAME.PING, 0, 0, [1, 2, 3]),
  "a PING on a stream": (id) => frame(FRAME.PING, 0, id, uint32(0, 0)),
  "part of a setting": () => frame(FRAME.SETTINGS, 0, 0, [0, 1, 2]),
  "an ACK with settings": () => frame(FRAME.SETTINGS, 1, 0, [0, 1, 0, 0, 0, 0]),
  "a window too large": () => settings([4, 2 ** 31]),
  "frames too small": () => settings([5, 100]),
  "a push": (id) => frame(FRAME.PUSH_PROMISE, END_HEADERS, id, uint32(2)),
  "CONTINUATION of nothing": (id) => frame(FRAME.CONTINUATION, END_HEADERS, id, []),
  "an update by nothing": () => windowUpdate(0, 0),
  "an update by too much": () => windowUpdate(0, 2 ** 31 - 1),
  "a frame too large": (id) => frame(FRAME.DATA, 0, id, Buffer.alloc(16_385)),
  "a block that is broken": (id) => frame(FRAME.HEADERS, END_HEADERS, id + 2, [0xff, 0xff, 0xff]),
  "an index that is not there": (id) => frame(FRAME.HEADERS, END_HEADERS, id + 2, [0xff, 0x7f]),
  "too much padding": (id) => frame(FRAME.DATA, PADDED, id, [9, 1]),
  "an interrupted block": (id) =>
    Buffer.concat([frame(FRAME.HEADERS, 0, id + 2, [0x82]), frame(FRAME.PING, 0, 0, uint32(0, 0))]),
};

export function randomScript(random: Random): Script {
  const encoder = new HpackEncoder();
  const opening = settings(
    ...(chance(random, 0.3) ? [[4, below(random, 200_000)] as const] : []),
    ...(chance(random, 0.2) ? [[3, 5] as const] : []),
  );
  const pieces: Buffer[] = [PREFACE, opening, windowUpdate(0, 10_000_000)];
  const queues: Buffer[][] = [];
  const good: number[] = [];
  const count = 1 + below(random, 6);
  const faulty = chance(random, 0.4) ? below(random, count) : -1;
  const headerFault = chance(random, 0.6) ? pick(random, Object.keys(HEADER_FAULTS)) : undefined;
  let fault: Script["fault"];
  for (let i = 0; i < count; i++) {
    const id = 2 * i + 1;
    const isFaulty = i === faulty && headerFault !== undefined;
    let { fields, body } = randomRequest(random);
    if (isFaulty) {
      fields = (HEADER_FAULTS[headerFault] as (fields: Field[]) => Field[])(fields);
      fault = { name: headerFault, id };
    } else good.push(id);
    // In order of their IDs, and of their blocks: the table is one for all.
    const blockBytes = isFaulty || chance(random, 0.3) ? block(fields) : Buffer.from(encoder.encode(objectOf(fields)));
    pieces.push(...headerFrames(random, id, blockBytes, body.length === 0), windowUpdate(id, 1_000_000));
    if (chance(random, 0.3)) pieces.push(...noise(random, id));
    queues.push(dataFrames(random, id, body));
  }
  while (queues.some((queue) => queue.length > 0)) {
    const queue = pick(
      random,
      queues.filter((one) => one.length > 0),
    );
    pieces.push(queue.shift() as Buffer);
    if (chance(random, 0.1)) pieces.push(...noise(random, 1));
  }
  if (faulty >= 0 && headerFault === undefined) {
    const name = pick(random, Object.keys(FRAME_FAULTS));
    pieces.push((FRAME_FAULTS[name] as (id: number) => Buffer)(2 * count - 1));
    fault = { name, id: 0 };
  }
  return { bytes: Buffer.concat(pieces), good, fault };
}

function objectOf(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(fields);
}

function randomRequest(random: Random): { fields: Field[]; body: Buffer } {
  const body = Buffer.alloc(pick(random, [0, 0, 1, 10, 1000, 20_000]), below(random, 256));
  const fields: Field[] = [
    [":method", pick(random, METHODS)],
    [":scheme", pick(random, ["http", "https"])],
    [":path", pick(random, ["/", "/echo", `/size/${below(random, 50_000)}`, "/a?b=c", "/status/204", "/trailers"])],
    [":authority", pick(random, ["localhost", "example.com:1"])],
  ];
  const names = new Set<string>();
  for (let i = below(random, 5); i > 0; i--)
    names.add(pick(random, ["x-a", "x-b", "accept", "user-agent", "cookie", "te-x"]));
  for (const name of names) fields.push([name, pick(random, VALUES)]);
  if (chance(random, 0.2)) fields.push(["te", "trailers"]);
  if (chance(random, 0.3)) fields.push(["content-length", String(body.length)]);
  return { fields, body };
}

function headerFrames(random: Random, id: number, bytes: Buffer, isLast: boolean): Buffer[] {
  const end = isLast ? END_STREAM : 0;
  let flags = end;
  let before = Buffer.alloc(0);
  let after = Buffer.alloc(0);
  if (chance(random, 0.2)) {
    const padding = below(random, 20);
    flags |= PADDED;
    before = Buffer.from([padding]);
    after = Buffer.alloc(padding);
  }
  if (chance(random, 0.2)) {
    flags |= PRIORITY;
    before = Buffer.concat([before, uint32(0), Buffer.from([below(random, 256)])]);
  }
  const cuts = chance(random, 0.3)
    ? [below(random, bytes.length), below(random, bytes.length)].sort((a, b) => a - b)
    : [];
  const pieces = [0, ...cuts].map((from, i) => bytes.subarray(from, [...cuts, bytes.length][i]));
  return pieces.map((piece, i) => {
    const last = i === pieces.length - 1 ? END_HEADERS : 0;
    if (i > 0) return frame(FRAME.CONTINUATION, last, id, piece);
    return frame(FRAME.HEADERS, flags | last, id, Buffer.concat([before, piece, after]));
  });
}

function dataFrames(random: Random, id: number, body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  const hasTrailers = body.length > 0 && chance(random, 0.2);
  for (let at = 0; at < body.length; ) {
    const end = Math.min(body.length, at + 1 + below(random, chance(random, 0.5) ? 100 : 16_000));
    const padding = chance(random, 0.2) ? below(random, 30) : -1;
    const last = end === body.length && !hasTrailers ? END_STREAM : 0;
    const content = body.subarray(at, end);
    const padded = Buffer.concat([Buffer.from([Math.max(0, padding)]), content, Buffer.alloc(Math.max(0, padding))]);
    frames.push(frame(FRAME.DATA, last | (padding >= 0 ? PADDED : 0), id, padding >= 0 ? padded : content));
    at = end;
  }
  if (hasTrailers) frames.push(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, id, block([["x-trailer", "t"]])));
  return frames;
}
