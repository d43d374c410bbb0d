/** Floods, by the names they are known by: each ends in ENHANCE_YOUR_CALM, or waits within bounds. */
import { describe, expect, test } from "vitest";
import {
  block,
  data,
  END_STREAM,
  FRAME,
  frame,
  headers,
  POST,
  settings,
  uint32,
  windowUpdate,
} from "./support/frames.ts";
import { Peer } from "./support/peer.ts";

const OK = Object.freeze({ ":status": 200 });
const PING = frame(FRAME.PING, 0, 0, uint32(0, 0));

/** How often it may be done before the connection ends. */
function borne(peer: Peer, send: (round: number) => void, most = 100_000): number {
  for (let round = 0; round < most; round++) {
    send(round);
    peer.connection.takeOutput();
    if (peer.connection.isOver) return round;
  }
  return most;
}

function reasonOf(peer: Peer): string | undefined {
  return peer.events.filter((event) => event.startsWith("failed"))[0];
}

describe("frames that cost their sender nothing", () => {
  test("rapid reset (CVE-2023-44487): streams reset before they are answered", () => {
    const peer = new Peer();
    const rounds = borne(peer, (round) => {
      peer.send(headers(2 * round + 1), frame(FRAME.RST_STREAM, 0, 2 * round + 1, uint32(8)));
    });
    expect(rounds).toBe(100);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_resets");
  });

  test("what was answered may be reset as often as one likes, and resets come back with time", () => {
    const peer = new Peer();
    const answered = borne(
      peer,
      (round) => {
        const id = 2 * round + 1;
        peer.send(headers(id));
        peer.stream(id).respond(OK);
        peer.send(frame(FRAME.RST_STREAM, 0, id, uint32(8)));
      },
      1000,
    );
    expect(answered).toBe(1000);
    const slow = new Peer();
    const rounds = borne(
      slow,
      (round) => {
        slow.nowMs += 100;
        slow.send(headers(2 * round + 1), frame(FRAME.RST_STREAM, 0, 2 * round + 1, uint32(8)));
      },
      1000,
    );
    expect(rounds).toBe(1000);
  });

  test("SETTINGS (CVE-2019-9515)", () => {
    const peer = new Peer();
    expect(borne(peer, () => peer.send(settings([4, 70_000])))).toBe(19);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_settings");
  });

  test("one SETTINGS frame with thousands of settings", () => {
    const peer = new Peer();
    peer.send(settings(...Array.from({ length: 2000 }, () => [4, 70_000] as const)));
    expect(peer.said()[0]).toContain("ENHANCE_YOUR_CALM");
  });

  test("PING (CVE-2019-9512): the third that comes too early, as in grpc-go", () => {
    const peer = new Peer();
    expect(borne(peer, () => peer.send(PING))).toBe(3);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_pings");
  });

  test("pings are welcome after data of ours, and every so often while a stream is open", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.stream(1).respond(OK);
    const measured = borne(
      peer,
      () => {
        peer.stream(1).write(Buffer.from("a"));
        peer.send(PING, windowUpdate(0, 1));
      },
      1000,
    );
    expect(measured).toBe(1000);
    const patient = borne(
      peer,
      () => {
        peer.nowMs += 5000;
        peer.send(PING);
      },
      1000,
    );
    expect(patient).toBe(1000);
  });

  test("pings are welcome after each DATA frame of a reply that waited for its window, and not without one", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.stream(1).respond(OK);
    peer.stream(1).write(Buffer.alloc(1_000_000));
    peer.send(PING, windowUpdate(0, 1_000_000));
    const drained = borne(peer, () => peer.send(windowUpdate(1, 1000), PING), 900);
    expect(drained).toBe(900);
    expect(borne(peer, () => peer.send(PING))).toBe(2);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_pings");
  });

  test("WINDOW_UPDATE past two for each DATA frame of ours", () => {
    const peer = new Peer();
    peer.send(headers(1), windowUpdate(0, 2 ** 30), windowUpdate(1, 2 ** 30));
    peer.stream(1).respond(OK);
    const earned = borne(
      peer,
      () => {
        peer.stream(1).write(Buffer.from("x"));
        peer.send(windowUpdate(0, 1), windowUpdate(1, 1));
      },
      20_000,
    );
    expect(earned).toBe(20_000);
    expect(borne(peer, (round) => peer.send(windowUpdate(round % 2, 1)))).toBe(9_998);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_empty_frames");
  });

  test.each<readonly [string, Buffer]>([
    ["empty DATA (CVE-2019-9518)", data(1, "")],
    ["WINDOW_UPDATE of the connection", windowUpdate(0, 1)],
    ["WINDOW_UPDATE of a stream", windowUpdate(1, 1)],
    ["WINDOW_UPDATE of what is closed", windowUpdate(3, 1)],
    ["answers to SETTINGS", frame(FRAME.SETTINGS, 1, 0)],
    ["GOAWAY", frame(FRAME.GOAWAY, 0, 0, uint32(0, 0))],
    ["HEADERS on what is reset", headers(5)],
    ["DATA of padding alone", frame(FRAME.DATA, 8, 1, [0])],
    ["PRIORITY (CVE-2019-9513)", frame(FRAME.PRIORITY, 0, 1, [0, 0, 0, 3, 1])],
    ["frames of an unknown type", frame(99, 0, 0)],
    ["answers to pings that were not sent", frame(FRAME.PING, 1, 0, uint32(0, 0))],
    ["resets of what is closed", frame(FRAME.RST_STREAM, 0, 3, uint32(8))],
    ["DATA on what is reset", data(5, "x")],
  ])("%s", (_, flood) => {
    const peer = new Peer();
    peer.send(headers(1), headers(3), frame(FRAME.RST_STREAM, 0, 3, uint32(8)), headers(5));
    peer.stream(5).reset();
    expect(borne(peer, () => peer.send(flood))).toBe(10_000);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_empty_frames");
  });

  test("requests after a GOAWAY", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.connection.leave();
    expect(borne(peer, (round) => peer.send(headers(2 * round + 3)))).toBe(10_000);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_empty_frames");
  });

  test.each<readonly [string, (id: number) => Buffer]>([
    ["requests that are malformed", (id) => headers(id, 5, [])],
    [
      "streams that depend on themselves",
      (id) => frame(1, 0x25, id, Buffer.concat([uint32(id), Buffer.from([1]), block(POST)])),
    ],
  ])("%s", (_, flood) => {
    const peer = new Peer();
    expect(borne(peer, (round) => peer.send(flood(2 * round + 1)))).toBe(1_000);
    expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: too_many_faulty_streams");
  });
});

describe("header blocks", () => {
  test("CONTINUATION without an end (CVE-2024-27316), large, small and empty", () => {
    for (const [size, most] of [
      [16_384, 2],
      [100, 63],
      [0, 63],
    ] as const) {
      const peer = new Peer();
      peer.send(headers(1, 0));
      expect(
        borne(peer, () => peer.send(frame(FRAME.CONTINUATION, 0, 1, Buffer.alloc(size, 0x82)))),
      ).toBeLessThanOrEqual(most);
      expect(reasonOf(peer)).toBe("failed ENHANCE_YOUR_CALM: a header block is too long");
    }
  });

  test("an HPACK bomb (CVE-2016-6581): the stream first, and the connection if it is large", () => {
    const peer = new Peer();
    const value = Buffer.alloc(3900, "b");
    // Into the table, name "a" and a value of 3,900 bytes, then a byte for each time it is meant.
    const entry = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xbd, 0x1d]), value]);
    const bomb = (times: number): Buffer => Buffer.concat([block(POST), entry, Buffer.alloc(times, 0xbe)]);
    peer.send(frame(FRAME.HEADERS, 5, 1, bomb(20)));
    expect(peer.said()).toEqual(["1 RST_STREAM ENHANCE_YOUR_CALM"]);
    peer.send(frame(FRAME.HEADERS, 5, 3, bomb(10_000)));
    expect(peer.said()).toEqual(["0 GOAWAY 1 ENHANCE_YOUR_CALM: a header list is too long"]);
    expect(peer.events).toEqual([expect.stringContaining("failed")]);
  });
});

describe("clients that do not take what they have asked for (CVE-2019-9511, CVE-2019-9517)", () => {
  test("without a window, replies are kept up to the limit; then requests wait, and go on when there is room", () => {
    const peer = new Peer();
    peer.send(settings([4, 0]));
    const reply = Buffer.alloc(100_000);
    for (let i = 0; i < 50; i++) {
      const id = 2 * i + 1;
      peer.send(headers(id), data(id, "q", END_STREAM));
      peer.streams.get(id)?.respond(OK);
      peer.streams.get(id)?.write(reply);
    }
    expect(peer.streams.size).toBe(11);
    expect(peer.connection.isHolding).toBe(true);
    expect(peer.events).not.toContain("23 data q");
    peer.send(windowUpdate(0, 10_000_000), windowUpdate(1, 100_000));
    // As many as there are: nobody has answered them yet.
    expect(peer.streams.size).toBe(50);
    expect(peer.events.slice(-3)).toEqual(["99 request POST /x", "99 data q", "99 end"]);
  });

  test("of the requests that wait, too, there are only so many", () => {
    const peer = new Peer({ maxConcurrentStreams: 5000 });
    peer.send(settings([4, 0]), headers(1));
    peer.stream(1).write(Buffer.alloc(2_000_000));
    peer.said();
    for (let id = 3; id < 3 + 2 * 1005; id += 2) peer.send(headers(id));
    const refused = peer.said();
    expect(refused).toHaveLength(5);
    expect(new Set(refused.map((line) => line.replace(/^\d+ /, "")))).toEqual(new Set(["RST_STREAM REFUSED_STREAM"]));
  });

  test("a request that waits and is reset is forgotten", () => {
    const peer = new Peer();
    peer.send(settings([4, 0]), headers(1));
    peer.stream(1).write(Buffer.alloc(2_000_000));
    peer.send(
      headers(3),
      frame(FRAME.RST_STREAM, 0, 3, uint32(8)),
      frame(FRAME.RST_STREAM, 0, 1, uint32(8)),
      headers(5),
    );
    expect([...peer.streams.keys()]).toEqual([1, 5]);
  });
});
