/** RFC 9113, 5.2 and 6.9: windows, both ways, and what waits for them. */
import { describe, expect, test } from "vitest";
import { data, END_STREAM, FRAME, frame, headers, settings, uint32, windowUpdate } from "./support/frames.ts";
import { Peer } from "./support/peer.ts";

const OK = Object.freeze({ ":status": 200 });
const KIB = 1024;

function opened(count: number, ...pairs: readonly (readonly [number, number])[]): Peer {
  const peer = new Peer();
  peer.send(settings(...pairs));
  for (let i = 0; i < count; i++) {
    peer.send(headers(2 * i + 1, 5));
    peer.stream(2 * i + 1).respond(OK);
  }
  peer.said();
  peer.events.length = 0;
  return peer;
}

describe("what we may send", () => {
  test("waits for the stream's window, byte by byte if need be, and the end comes behind it", () => {
    const peer = opened(1, [4, 3]);
    peer.stream(1).write(Buffer.from("abcdefg"));
    peer.stream(1).end({ "grpc-status": "0" });
    expect(peer.said()).toEqual(["1 DATA abc"]);
    peer.send(windowUpdate(1, 1));
    expect(peer.said()).toEqual(["1 DATA d"]);
    peer.send(settings([4, 5]));
    expect(peer.said()).toEqual(["0 SETTINGS ACK", "1 DATA ef"]);
    peer.send(windowUpdate(1, 100));
    expect(peer.said()).toEqual(["1 DATA g", "1 HEADERS grpc-status=0 END"]);
  });

  test("a window made smaller may be below zero, and counts from there", () => {
    const peer = opened(1, [4, 10]);
    peer.stream(1).write(Buffer.from("abcdefgh"));
    peer.send(settings([4, 2]));
    peer.said();
    peer.stream(1).write(Buffer.from("xyz"));
    peer.send(windowUpdate(1, 6));
    expect(peer.said()).toEqual([]);
    peer.send(windowUpdate(1, 1));
    expect(peer.said()).toEqual(["1 DATA x"]);
  });

  test("the connection's window is shared in turns, a frame each", () => {
    const peer = opened(3, [4, 1_000_000]);
    peer.stream(1).write(Buffer.alloc(65_535));
    peer.said();
    for (const id of [1, 3, 5]) peer.stream(id).write(Buffer.alloc(20_000));
    expect(peer.said()).toEqual([]);
    peer.send(windowUpdate(0, 100_000));
    expect(peer.said()).toEqual([
      ...["1 DATA (16384)", "3 DATA (16384)", "5 DATA (16384)"],
      ...["1 DATA (3616)", "3 DATA (3616)", "5 DATA (3616)"],
    ]);
  });

  test("a writer is told to wait when much does, and when to go on", () => {
    const peer = opened(1, [4, 10]);
    expect(peer.stream(1).write(Buffer.alloc(1000))).toBe(true);
    expect(peer.stream(1).write(Buffer.alloc(64 * KIB))).toBe(false);
    peer.send(windowUpdate(0, 100_000), windowUpdate(1, 66_000));
    expect(peer.events).toEqual([]);
    peer.send(windowUpdate(1, 1000));
    expect(peer.events).toEqual(["1 room"]);
  });

  test("a socket that is full stops bodies, and only these", () => {
    const peer = opened(2, [4, 10_000_000]);
    peer.send(windowUpdate(0, 10_000_000));
    peer.connection.setBacklog(256 * KIB);
    peer.stream(1).write(Buffer.from("a"));
    peer.stream(3).respondOnly(OK);
    peer.send(frame(FRAME.PING, 0, 0, uint32(0, 0)));
    expect(peer.said()).toEqual(["3 HEADERS :status=200 END", "0 PING ACK"]);
    peer.connection.setBacklog(0);
    expect(peer.said()).toEqual(["1 DATA a"]);
  });

  test("no more is put out at once than the socket should have", () => {
    const peer = opened(1, [4, 10_000_000]);
    peer.send(windowUpdate(0, 10_000_000));
    peer.stream(1).write(Buffer.alloc(1024 * KIB));
    const bytes = (): number => peer.frames().reduce((sum, { payload }) => sum + payload.length, 0);
    const first = bytes();
    expect(first).toBeGreaterThanOrEqual(240 * KIB);
    expect(first).toBeLessThanOrEqual(272 * KIB);
    peer.connection.setBacklog(0);
    expect(bytes()).toBeLessThanOrEqual(272 * KIB);
  });

  test("what waits is let go with its stream", () => {
    const peer = opened(2, [4, 1]);
    for (const id of [1, 3]) peer.stream(id).write(Buffer.alloc(10_000));
    peer.send(frame(FRAME.RST_STREAM, 0, 1, uint32(8)));
    peer.said();
    peer.send(windowUpdate(3, 20_000), windowUpdate(1, 20_000));
    expect(peer.said()).toEqual(["3 DATA (9999)"]);
  });

  test("windows that overflow: the connection's, and one by SETTINGS, end the connection", () => {
    const one = opened(1);
    one.send(windowUpdate(0, 2 ** 31 - 1));
    expect(one.said()[0]).toContain("FLOW_CONTROL_ERROR");
    const other = opened(1);
    other.send(windowUpdate(1, 2 ** 31 - 1 - 65_535), settings([4, 65_536]));
    expect(other.said().at(-1)).toContain("FLOW_CONTROL_ERROR");
  });
});

describe("what the client may send", () => {
  test("is given back by halves of a window, to the stream as long as it is open", () => {
    const peer = new Peer({ maxStreamBufferBytes: 1000 });
    peer.send(headers(1), data(1, Buffer.alloc(499)), data(1, "x"));
    expect(peer.said()).toEqual(["1 WINDOW_UPDATE 500"]);
    peer.send(data(1, Buffer.alloc(600), END_STREAM));
    expect(peer.said()).toEqual([]);
  });

  test("and the connection's by halves of 16 MiB", () => {
    const peer = new Peer({ maxStreamBufferBytes: 2 ** 30 });
    peer.send(headers(1));
    for (let i = 0; i < 511; i++) peer.send(data(1, Buffer.alloc(16_384)));
    expect(peer.said()).toEqual([]);
    peer.send(data(1, Buffer.alloc(16_384)));
    expect(peer.said()).toEqual([`0 WINDOW_UPDATE ${8 * KIB * KIB}`]);
  });

  test("more than the stream's window resets it", () => {
    const peer = new Peer({ maxStreamBufferBytes: 1000 });
    peer.send(headers(1));
    peer.stream(1).pause();
    peer.send(data(1, Buffer.alloc(1001)));
    expect(peer.said()).toEqual(["1 RST_STREAM FLOW_CONTROL_ERROR"]);
  });

  test("a reader that has paused gets everything in order when it goes on, the end too", () => {
    const peer = new Peer({ maxStreamBufferBytes: 100 });
    peer.send(headers(1));
    peer.events.length = 0;
    const stream = peer.stream(1);
    stream.pause();
    peer.send(data(1, "a"), data(1, "b"), data(1, Buffer.alloc(50, "c")), data(1, "d", END_STREAM));
    expect(peer.events).toEqual([]);
    expect(peer.said()).toEqual([]);
    stream.resume();
    const text = peer.events.map((event) => event.replace(/^1 data /, "")).join("");
    expect(text).toBe(`ab${"c".repeat(50)}d1 end`);
  });

  test("nobody is given more of the connection while 16 MiB wait for readers", () => {
    const peer = new Peer({ maxStreamBufferBytes: 2 ** 30 });
    peer.send(headers(1), headers(3));
    peer.stream(1).pause();
    for (let i = 0; i < 1100; i++) peer.send(data(1, Buffer.alloc(16_384)));
    expect(peer.said()).toEqual([`0 WINDOW_UPDATE ${8 * KIB * KIB}`]);
    peer.stream(1).resume();
    expect(peer.said()).toContain(`0 WINDOW_UPDATE ${9_633_792}`);
  });
});
