/** Frames that cost their sender next to nothing, in numbers. */
import { type Attack, demand, type FloodResult, flood, pause, told } from "./attack.ts";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcHeaders,
  headerBlock,
  literal,
  MAX_FRAME_BYTES,
  RawConnection,
  settings,
  uint32,
} from "./wire.ts";

const PUT = "/etcdserverpb.KV/Put";
const WATCH = "/etcdserverpb.Watch/Watch";
const PING = frame(FrameType.PING, 0, 0, Buffer.from("etcdlite"));
const CONNECTIONS = 4;

function repeat(piece: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => piece));
}

/** A flood that ends each connection it comes by. */
function endsAll(name: string, piece: Buffer, opening: Buffer = Buffer.alloc(0)): Attack {
  return {
    name,
    run: async (target) => {
      const result = await flood(target, {
        connections: CONNECTIONS,
        send: (connection, round) => connection.send(round === 0 ? Buffer.concat([opening, piece]) : piece),
      });
      demandEnded(result);
      return told(result);
    },
  };
}

function demandEnded({ opened, ended }: FloodResult): void {
  // The last ones may have been cut off by the end of the attack.
  demand(ended >= opened - CONNECTIONS && ended > 0, `only ${ended} of ${opened} connections were ended`);
}

/** Nothing but the time of the others and the memory counts: what each frame does is nothing. */
function isBorne(name: string, piece: Buffer, opening: Buffer = Buffer.alloc(0)): Attack {
  return {
    name,
    run: async (target) => {
      const send = (connection: RawConnection, round: number): Promise<boolean> =>
        connection.send(round === 0 ? Buffer.concat([opening, piece]) : piece);
      return told(await flood(target, { connections: CONNECTIONS, send }));
    },
  };
}

const openStream = frame(FrameType.HEADERS, END_HEADERS, 1, headerBlock(grpcHeaders(WATCH)));

/** A stream a client opens, and does not want any more before it can be answered. */
function requestAndReset(streamId: number): Buffer {
  const block = headerBlock(grpcHeaders(PUT));
  return Buffer.concat([
    frame(FrameType.HEADERS, END_HEADERS, streamId, block),
    frame(FrameType.RST_STREAM, 0, streamId, uint32(8)),
  ]);
}

/** A stream whose client makes the server reset it: by a window of more than there is. */
function requestToBeReset(streamId: number): Buffer {
  const block = headerBlock(grpcHeaders(PUT));
  const update = frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(0x7fffffff));
  return Buffer.concat([frame(FrameType.HEADERS, END_HEADERS, streamId, block), update, update]);
}

function streams(make: (streamId: number) => Buffer, round: number, count = 100): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(2 * (round * count + index) + 1)));
}

function endlessHeaders(name: string, piece: Buffer): Attack {
  return endsAll(name, repeat(piece, 20), frame(FrameType.HEADERS, 0, 1, headerBlock(grpcHeaders(PUT))));
}

/** One entry of the dynamic table, named 16,000 times: 64 MB of headers for 20 KB. */
function hpackBomb(streamId: number): Buffer {
  const entry = literal(["x", "y".repeat(4000)], 0x40);
  const first = Buffer.concat([headerBlock(grpcHeaders(PUT)), entry]);
  const named = Buffer.alloc(MAX_FRAME_BYTES, 0x80 | 62);
  return Buffer.concat([
    frame(FrameType.HEADERS, END_STREAM, streamId, first),
    frame(FrameType.CONTINUATION, END_HEADERS, streamId, named),
  ]);
}

export const FLOODS: readonly Attack[] = [
  {
    name: "pings-too-often",
    run: async ({ port, durationMs }) => {
      const connection = await RawConnection.http2(port);
      await connection.headers(1, grpcHeaders(WATCH));
      const end = performance.now() + durationMs;
      let pings = 0;
      while (performance.now() < end && connection.goaway() === undefined && (await connection.send(PING))) {
        pings++;
        await pause(50);
      }
      const goaway = connection.goaway();
      demand(goaway?.code === 11 && goaway.text === "too_many_pings", `${pings} pings, and ${JSON.stringify(goaway)}`);
      demand(await connection.until(() => connection.closed, 1000), "the connection stays open");
      return `after ${pings} pings GOAWAY 11 too_many_pings`;
    },
  },
  endsAll("ping-flood", repeat(PING, 1000)),
  endsAll("settings-flood", repeat(settings([[3, 100]]), 500)),
  endsAll("settings-ack-flood", repeat(frame(FrameType.SETTINGS, ACK, 0), 500)),
  endlessHeaders("continuation-flood", frame(FrameType.CONTINUATION, 0, 1, literal(["x-a", "b".repeat(1000)]))),
  endlessHeaders("empty-continuation-flood", frame(FrameType.CONTINUATION, 0, 1)),
  endsAll("empty-data-flood", repeat(frame(FrameType.DATA, 0, 1), 1000), openStream),
  {
    name: "rapid-reset",
    run: async (target) => {
      const result = await flood(target, {
        connections: CONNECTIONS,
        send: (connection, round) => connection.send(streams(requestAndReset, round)),
      });
      demandEnded(result);
      return told(result);
    },
  },
  {
    name: "made-you-reset",
    run: async (target) => {
      const result = await flood(target, {
        connections: CONNECTIONS,
        send: (connection, round) => connection.send(streams(requestToBeReset, round)),
      });
      demandEnded(result);
      return told(result);
    },
  },
  {
    name: "hpack-bomb",
    run: async (target) => {
      let answered = 0;
      const send = async (connection: RawConnection, round: number): Promise<boolean> => {
        const isOpen = await connection.send(streams(hpackBomb, round, 5));
        answered += connection.frames.filter(({ type }) => type === FrameType.HEADERS).length;
        return isOpen;
      };
      const result = await flood(target, { connections: CONNECTIONS, send });
      demand(answered === 0, "a request was taken");
      return `no request was taken; ${told(result)}`;
    },
  },
  isBorne("window-update-flood", repeat(frame(FrameType.WINDOW_UPDATE, 0, 1, uint32(1)), 1000), openStream),
  isBorne("priority-flood", repeat(frame(FrameType.PRIORITY, 0, 1, Buffer.alloc(5, 3)), 1000)),
  isBorne("unknown-frames", repeat(frame(0xfb, 0, 0, Buffer.alloc(100)), 500)),
];
