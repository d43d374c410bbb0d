/** Wherever the bytes of a connection are cut, they mean the same. */
import { expect, test } from "vitest";
import { fc } from "../support/property.ts";
import {
  block,
  data,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  headers,
  POST,
  PREFACE,
  settings,
  uint32,
  windowUpdate,
} from "./support/frames.ts";
import { Peer } from "./support/peer.ts";

const SESSION = Buffer.concat([
  PREFACE,
  settings([4, 100], [1, 0]),
  frame(FRAME.SETTINGS, 1, 0),
  windowUpdate(0, 1000),
  headers(1),
  data(1, "hello"),
  frame(FRAME.DATA, 8, 1, [2, 65, 66, 0, 0]),
  data(1, "", END_STREAM),
  frame(FRAME.HEADERS, END_STREAM, 3, block(POST).subarray(0, 7)),
  frame(FRAME.CONTINUATION, END_HEADERS, 3, block(POST).subarray(7)),
  frame(FRAME.PING, 0, 0, uint32(1, 2)),
  headers(5, END_HEADERS, [...POST, ["x-bad", "a\nb"]]),
  frame(FRAME.RST_STREAM, 0, 3, uint32(8)),
  headers(7),
  data(7, Buffer.alloc(300, "z")),
  frame(FRAME.GOAWAY, 0, 0, uint32(0, 0)),
]);

/** @param isTired of the host; what is left is read when all has come */
function run(
  pieces: readonly Uint8Array[],
  isTired = (): boolean => false,
): { readonly events: string[]; readonly said: string[] } {
  const peer = new Peer({}, false);
  peer.isTiredNow = isTired;
  peer.send(...pieces);
  while (peer.connection.isBehind) peer.connection.goOn(0);
  return { events: peer.events, said: peer.said() };
}

const WHOLE = run([SESSION]);

test("the session itself does what it says", () => {
  expect(WHOLE.events).toContain("7 request POST /x");
  expect(WHOLE.said.at(-1)).toBe("0 GOAWAY 7 NO_ERROR");
});

test("cut once, at every byte", () => {
  for (let at = 0; at <= SESSION.length; at++) {
    expect(run([SESSION.subarray(0, at), SESSION.subarray(at)]), `cut at ${at}`).toEqual(WHOLE);
  }
});

test("byte by byte", () => {
  expect(run(Array.from(SESSION, (byte) => Uint8Array.of(byte)))).toEqual(WHOLE);
});

test("a host that is tired is given a few frames at a time", () => {
  const peer = new Peer();
  peer.isTiredNow = () => true;
  peer.send(Buffer.concat(Array.from({ length: 100 }, (_, i) => headers(2 * i + 1))));
  const requests = (): number => peer.events.length;
  const taken = [requests()];
  for (; peer.connection.isBehind; taken.push(requests())) peer.connection.goOn(0);
  expect(taken.length).toBeGreaterThan(5);
  expect(taken.at(-1)).toBe(100);
  expect(Math.max(...taken.map((count, at) => count - (taken[at - 1] ?? 0)))).toBeLessThanOrEqual(16);
});

test("cut into any pieces, and followed by anything", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      fc.uint8Array({ maxLength: 200 }),
      (sizes, noise) => {
        const bytes = Buffer.concat([SESSION.subarray(0, -17), noise]);
        const pieces: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(run(pieces)).toEqual(run([bytes]));
        // A host that is tired whenever it is asked, and one that is now and then.
        expect(run(pieces, () => true)).toEqual(run([bytes]));
        let asked = 0;
        expect(run(pieces, () => asked++ % 3 === 0)).toEqual(run([bytes]));
      },
    ),
  );
});

test("no bytes at all, of any kind, do anything but end a connection or a stream", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(10), fc.nat(255), fc.nat(9), fc.uint8Array({ maxLength: 40 })), { maxLength: 30 }),
      (frames) => {
        const peer = new Peer();
        peer.send(...frames.map(([type, flags, id, payload]) => frame(type, flags, id, payload)));
        for (const stream of peer.streams.values()) stream.reply({ ":status": 200 }, Buffer.from("x"), { a: "b" });
        peer.connection.resetUnheard();
        peer.connection.resetUnheard();
        peer.connection.lost();
        expect(peer.connection.openStreams).toBe(0);
        for (const id of peer.streams.keys()) {
          expect(peer.events.filter((event) => event.startsWith(`${id} closed`))).toHaveLength(1);
          expect(peer.events.findLast((event) => event.startsWith(`${id} `))).toContain("closed");
        }
      },
    ),
  );
});
