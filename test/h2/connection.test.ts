/** RFC 9113, 3 to 6: frames, states and errors, each with what it is answered by. */
import { describe, expect, test } from "vitest";
import {
  ACK,
  block,
  data,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type Frame,
  frame,
  headers,
  PADDED,
  POST,
  PREFACE,
  PRIORITY,
  settings,
  uint32,
  windowUpdate,
} from "./support/frames.ts";
import { Peer } from "./support/peer.ts";

const OK = Object.freeze({ ":status": 200 });
const DONE = Object.freeze({ "grpc-status": "0" });

describe("a request and its reply", () => {
  test("headers, data and trailers go both ways, and the stream is closed", () => {
    const peer = new Peer();
    peer.send(headers(1), data(1, "ab"), data(1, "c", END_STREAM));
    peer.stream(1).reply(OK, Buffer.from("xyz"), DONE);
    expect(peer.events).toEqual(["1 request POST /x", "1 data ab", "1 data c", "1 end", "1 closed NO_ERROR"]);
    expect(peer.said()).toEqual(["1 HEADERS :status=200", "1 DATA xyz", "1 HEADERS grpc-status=0 END"]);
    expect(peer.connection.openStreams).toBe(0);
    expect(peer.stream(1).isWritable).toBe(false);
  });

  test("a reply to a request that is still coming leaves its stream open; it is reset when the client does not stop", () => {
    const peer = new Peer();
    peer.send(headers(1), headers(3), data(1, "a"));
    peer.stream(1).respondOnly({ ...OK, ...DONE });
    expect(peer.unheard).toBe(1);
    expect(peer.connection.resetUnheard()).toBe(true);
    peer.stream(3).respondOnly({ ...OK, ...DONE });
    peer.send(data(3, "", END_STREAM));
    peer.said();
    expect(peer.connection.resetUnheard()).toBe(false);
    expect(peer.said()).toEqual(["1 RST_STREAM NO_ERROR"]);
    // It was under way.
    peer.send(data(1, "more"), headers(1, END_HEADERS | END_STREAM));
    expect(peer.said()).toEqual([]);
  });

  test("1xx may come before the response, and not behind it", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.stream(1).inform({ ":status": 100 });
    peer.stream(1).respond(OK);
    peer.stream(1).inform({ ":status": 100 });
    peer.stream(1).end();
    expect(peer.said()).toEqual(["1 HEADERS :status=100", "1 HEADERS :status=200", "1 DATA END"]);
  });

  test("response headers larger than a frame go on in CONTINUATION", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.stream(1).respond({ ...OK, "x-long": "~".repeat(40_000) });
    const frames = peer.frames();
    expect(frames.map(({ type, flags }) => [type, flags])).toEqual([
      [FRAME.HEADERS, 0],
      [FRAME.CONTINUATION, 0],
      [FRAME.CONTINUATION, END_HEADERS],
    ]);
  });

  test("request headers may be cut anywhere into CONTINUATION, and padded", () => {
    const peer = new Peer();
    const whole = block(POST);
    const padded = Buffer.concat([
      Buffer.from([3]),
      uint32(5),
      Buffer.from([7]),
      whole.subarray(0, 5),
      Buffer.alloc(3),
    ]);
    peer.send(frame(FRAME.HEADERS, PADDED | PRIORITY | END_STREAM, 1, padded));
    peer.send(frame(FRAME.CONTINUATION, 0, 1, whole.subarray(5, 6)), frame(FRAME.CONTINUATION, 0, 1, []));
    peer.send(frame(FRAME.CONTINUATION, END_HEADERS, 1, whole.subarray(6)));
    expect(peer.events).toEqual(["1 request POST /x", "1 end"]);
  });

  test("the padding of data is not delivered, but counts for the windows", () => {
    const peer = new Peer({ maxStreamBufferBytes: 20 });
    peer.send(headers(1), frame(FRAME.DATA, PADDED, 1, [3, 65, 66, 0, 0, 0]));
    peer.send(frame(FRAME.DATA, PADDED, 1, [3, 65, 66, 0, 0, 0]));
    expect(peer.events).toEqual(["1 request POST /x", "1 data AB", "1 data AB"]);
    expect(peer.said()).toEqual(["1 WINDOW_UPDATE 12"]);
  });
});

describe("the beginning", () => {
  test("our SETTINGS come first, without being asked; a limit on streams is only told where there is one", () => {
    expect(new Peer({}, false).frames()[0]?.payload.length).toBe(18);
    expect(new Peer({ maxConcurrentStreams: 2 ** 32 - 1 }, false).frames()[0]?.payload.length).toBe(12);
  });

  test("a client that does not begin with the preface, or with SETTINGS, is in error", () => {
    for (const bytes of [
      Buffer.from("PRI * HTTP/2.1"),
      Buffer.concat([PREFACE, frame(FRAME.PING, 0, 0, uint32(0, 0))]),
    ]) {
      const peer = new Peer({}, false);
      peer.send(bytes);
      expect(peer.said().at(-1)).toContain("GOAWAY 0 PROTOCOL_ERROR");
      expect(peer.connection.isOver).toBe(true);
    }
  });

  test("SETTINGS and PING are answered, unknown frames and settings are passed over", () => {
    const peer = new Peer();
    peer.send(settings([99, 5], [1, 0]), frame(99, 0xff, 77, [1, 2]), frame(FRAME.PING, 0, 0, uint32(1, 2)));
    expect(peer.said()).toEqual(["0 SETTINGS ACK", "0 PING ACK"]);
    peer.connection.ping();
    expect(peer.said()).toEqual(["0 PING"]);
    peer.send(frame(FRAME.PING, ACK, 0, uint32(0, 0)));
    expect(peer.events).toEqual(["ping answered"]);
  });
});

/** What is wrong, after a stream 1 that is open, 3 that is half-closed, 5 closed, 7 reset by us, and 9 passed over. */
function inAllStates(): Peer {
  const peer = new Peer();
  peer.send(headers(1), headers(3, END_HEADERS | END_STREAM), headers(5, END_HEADERS | END_STREAM), headers(7));
  peer.send(headers(11));
  peer.stream(5).respondOnly(OK);
  peer.stream(7).reset();
  peer.said();
  return peer;
}

describe("what may come on a stream, by its state", () => {
  const rst = (id: number): Buffer => frame(FRAME.RST_STREAM, 0, id, uint32(8));
  test.each([
    ["DATA, open", data(1, "x"), []],
    ["DATA, half-closed", data(3, "x"), ["3 RST_STREAM STREAM_CLOSED"]],
    ["DATA, closed", data(5, "x"), ["5 RST_STREAM STREAM_CLOSED"]],
    ["DATA, reset by us", data(7, "x"), []],
    ["DATA, idle", data(13, "x"), ["0 GOAWAY 11 PROTOCOL_ERROR: DATA on an idle stream"]],
    ["trailers, open", headers(1, 5, [["x-a", "b"]]), []],
    ["trailers that do not end, open", headers(1, 4, [["x-a", "b"]]), ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["pseudo-headers in trailers", headers(1, 5, [[":path", "/"]]), ["1 RST_STREAM PROTOCOL_ERROR"]],
    ["HEADERS, half-closed", headers(3), ["3 RST_STREAM STREAM_CLOSED"]],
    ["HEADERS, closed", headers(5), ["0 GOAWAY 11 STREAM_CLOSED: headers on stream 5, which is closed"]],
    ["HEADERS, reset by us", headers(7), []],
    ["HEADERS, passed over", headers(9), ["0 GOAWAY 11 PROTOCOL_ERROR: stream 9 cannot be opened"]],
    ["HEADERS, even", headers(14), ["0 GOAWAY 11 PROTOCOL_ERROR: stream 14 cannot be opened"]],
    ["RST_STREAM, open", rst(1), []],
    ["RST_STREAM, closed", rst(5), []],
    ["RST_STREAM, idle", rst(13), ["0 GOAWAY 11 PROTOCOL_ERROR: RST_STREAM on an idle stream"]],
    ["WINDOW_UPDATE, closed", windowUpdate(5, 1), []],
    ["WINDOW_UPDATE, idle", windowUpdate(13, 1), ["0 GOAWAY 11 PROTOCOL_ERROR: WINDOW_UPDATE on an idle stream"]],
    ["PRIORITY, idle", frame(FRAME.PRIORITY, 0, 13, [0, 0, 0, 0, 1]), []],
  ])("%s", (_, bytes, said) => {
    const peer = inAllStates();
    peer.send(bytes);
    expect(peer.said()).toEqual(said);
  });
});

describe("errors of a stream, and of the connection", () => {
  const tooWide = windowUpdate(1, 2 ** 31 - 1);
  test.each([
    ["DATA on stream 0", data(0, "x"), "0 GOAWAY 11 PROTOCOL_ERROR: DATA on stream 0"],
    ["HEADERS on stream 0", headers(0), "0 GOAWAY 11 PROTOCOL_ERROR: HEADERS on stream 0"],
    [
      "more padding than frame",
      frame(0, PADDED, 1, [5, 1]),
      "0 GOAWAY 11 PROTOCOL_ERROR: there is more padding than frame",
    ],
    ["PADDED without its length", frame(0, PADDED, 1), "0 GOAWAY 11 FRAME_SIZE_ERROR: a padded frame has no padding"],
    [
      "a frame too large",
      Buffer.from([0, 64, 1, 0, 0, 0, 0, 0, 1]),
      "0 GOAWAY 11 FRAME_SIZE_ERROR: a frame is too large",
    ],
    [
      "a PING of 7 bytes",
      frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7]),
      "0 GOAWAY 11 FRAME_SIZE_ERROR: a PING of a wrong size",
    ],
    ["a PING on a stream", frame(6, 0, 1, uint32(0, 0)), "0 GOAWAY 11 PROTOCOL_ERROR: PING on a stream"],
    [
      "part of a setting",
      frame(4, 0, 0, [0, 1]),
      "0 GOAWAY 11 FRAME_SIZE_ERROR: a SETTINGS frame has part of a setting",
    ],
    [
      "an ACK with settings",
      frame(4, 1, 0, [0, 1, 0, 0, 0, 0]),
      "0 GOAWAY 11 FRAME_SIZE_ERROR: an ACK of SETTINGS has settings",
    ],
    ["ENABLE_PUSH of 2", settings([2, 2]), "0 GOAWAY 11 PROTOCOL_ERROR: ENABLE_PUSH is neither 0 nor 1"],
    ["a window too large", settings([4, 2 ** 31]), "0 GOAWAY 11 FLOW_CONTROL_ERROR: a window is too large"],
    ["frames too small", settings([5, 16_383]), "0 GOAWAY 11 PROTOCOL_ERROR: MAX_FRAME_SIZE is out of bounds"],
    ["a push", frame(5, 4, 1, uint32(2)), "0 GOAWAY 11 PROTOCOL_ERROR: a client cannot push"],
    ["CONTINUATION of nothing", frame(9, 4, 1), "0 GOAWAY 11 PROTOCOL_ERROR: CONTINUATION of nothing"],
    ["an update by 0 of all", windowUpdate(0, 0), "0 GOAWAY 11 PROTOCOL_ERROR: a WINDOW_UPDATE by nothing"],
    ["an update by 0 of one", windowUpdate(1, 0), "1 RST_STREAM PROTOCOL_ERROR"],
    ["a window that overflows, of one", tooWide, "1 RST_STREAM FLOW_CONTROL_ERROR"],
    ["PRIORITY of 4 bytes", frame(2, 0, 1, [0, 0, 0, 3]), "1 RST_STREAM FRAME_SIZE_ERROR"],
    ["PRIORITY on itself", frame(2, 0, 1, [0, 0, 0, 1, 1]), "1 RST_STREAM PROTOCOL_ERROR"],
    ["a block that is broken", frame(1, 4, 13, [0xff]), "0 GOAWAY 11 COMPRESSION_ERROR: a block ends within a number"],
  ])("%s", (_, bytes, said) => {
    const peer = inAllStates();
    peer.send(bytes);
    expect(peer.said()).toEqual([said]);
    expect(peer.connection.isOver).toBe(said.includes("GOAWAY"));
  });

  test("a header block that is interrupted ends the connection, whatever comes in between", () => {
    for (const other of [data(1, "x"), headers(13), frame(FRAME.CONTINUATION, END_HEADERS, 3), frame(99, 0, 0)]) {
      const peer = inAllStates();
      peer.send(headers(15, 0), other);
      expect(peer.said()[0]).toContain("GOAWAY 11 PROTOCOL_ERROR");
    }
  });

  test("the end of the connection is told to all that is open, and nothing is taken after it", () => {
    const peer = inAllStates();
    peer.events.length = 0;
    peer.send(data(0, "x"), headers(21));
    expect(peer.events.filter((event) => event.includes("closed"))).toHaveLength(3);
    expect(peer.events).not.toContain("21 request POST /x");
  });

  test("a stream beyond the limit is refused; the next may come when one is done", () => {
    const peer = new Peer({ maxConcurrentStreams: 1 });
    peer.send(headers(1), headers(3));
    expect(peer.said()).toEqual(["3 RST_STREAM REFUSED_STREAM"]);
    peer.send(frame(FRAME.RST_STREAM, 0, 1, uint32(8)), headers(5));
    expect(peer.events).toEqual(["1 request POST /x", "1 closed CANCEL", "5 request POST /x"]);
  });
});

describe("leaving", () => {
  test("what is open is answered, what comes later is dropped, and then it is over", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.connection.leave();
    expect(peer.said()).toEqual(["0 GOAWAY 1 NO_ERROR"]);
    peer.send(headers(3), data(3, "x", END_STREAM), data(1, "y", END_STREAM));
    expect(peer.connection.isOver).toBe(false);
    peer.stream(1).reply(OK, Buffer.from("z"), DONE);
    expect(peer.said()).toEqual(["1 HEADERS :status=200", "1 DATA z", "1 HEADERS grpc-status=0 END"]);
    expect(peer.events).not.toContain("3 request POST /x");
    expect(peer.connection.isOver).toBe(true);
  });

  test("a client is asked first, and what it has sent before it has heard of that is served", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.connection.leaveSoon();
    peer.connection.leaveSoon();
    const [goaway, ping] = peer.frames() as [Frame, Frame];
    expect([goaway.type, goaway.payload.readUInt32BE(0), goaway.payload.readUInt32BE(4)]).toEqual([7, 2 ** 31 - 1, 0]);
    expect([ping.type, ping.flags]).toEqual([6, 0]);
    // The answer to another ping says nothing.
    peer.send(frame(FRAME.PING, ACK, 0, uint32(0, 0)), headers(3, 5));
    expect(peer.said()).toEqual([]);
    expect(peer.events).toEqual(["1 request POST /x", "ping answered", "3 request POST /x", "3 end"]);
    peer.send(frame(FRAME.PING, ACK, 0, ping.payload), headers(5));
    expect(peer.said()).toEqual(["0 GOAWAY 3 NO_ERROR"]);
    expect(peer.events.slice(4)).toEqual(["left"]);
    for (const id of [1, 3]) peer.stream(id).respondOnly(OK);
    peer.stream(1).reset();
    expect(peer.connection.isOver).toBe(true);
  });

  test("an answer to what we have not said makes nobody leave", () => {
    const [asked, other] = [new Peer(), new Peer()];
    asked.connection.leaveSoon();
    other.send(frame(FRAME.PING, ACK, 0, (asked.frames()[1] as Frame).payload), headers(1));
    expect(other.events).toEqual(["1 request POST /x"]);
  });

  test("a client's GOAWAY is answered by ours", () => {
    const peer = new Peer();
    peer.send(frame(FRAME.GOAWAY, 0, 0, uint32(0, 0)));
    expect(peer.said()).toEqual(["0 GOAWAY 0 NO_ERROR"]);
    expect(peer.connection.isOver).toBe(true);
  });

  test("a GOAWAY for an error does not take back what the first one granted", () => {
    const peer = new Peer();
    peer.send(headers(1));
    peer.connection.leave();
    peer.send(headers(3), data(0, ""));
    expect(peer.said()).toEqual(["0 GOAWAY 1 NO_ERROR", "0 GOAWAY 1 PROTOCOL_ERROR: DATA on stream 0"]);
  });
});

test("the host is told of output once, and only of what is not the answer to what it brought", () => {
  const peer = new Peer();
  peer.send(headers(1));
  expect(peer.outputsKnown).toBe(0);
  peer.stream(1).respond(OK);
  peer.stream(1).write(Buffer.from("a"));
  expect(peer.outputsKnown).toBe(1);
  peer.said();
  peer.stream(1).write(Buffer.from("b"));
  expect(peer.outputsKnown).toBe(2);
});
