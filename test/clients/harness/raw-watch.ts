/**
 * A watch stream straight on node:http2, so that a test can truly stop reading: nothing between the socket and
 * it buffers, and the server meets HTTP/2's flow control. One stream, one connection.
 */
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { connect } from "node:http2";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { WatchCreateRequestSchema, WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchRequestSchema, WatchResponseSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";

/** gRPC's frame: one byte of flags, four of length. */
const FRAME_HEADER_BYTES = 5;

export class RawWatch {
  private readonly session: ClientHttp2Session;
  private readonly stream: ClientHttp2Stream;
  private readonly arrived: WatchResponse[] = [];
  private chunks: Buffer[] = [];
  private buffered = 0;
  private failure: Error | undefined;
  private wake: () => void = () => {};

  constructor(url: string) {
    this.session = connect(url);
    this.stream = this.session.request({
      ":method": "POST",
      ":path": "/etcdserverpb.Watch/Watch",
      "content-type": "application/grpc",
      te: "trailers",
    });
    this.stream.on("data", (chunk: Buffer) => this.read(chunk));
    const fail = (error: Error): void => {
      this.failure = error;
      this.wake();
    };
    this.session.on("error", fail);
    this.stream.on("error", fail);
    this.stream.on("end", () => fail(new Error("the stream ended")));
  }

  create(value: MessageInitShape<typeof WatchCreateRequestSchema>): void {
    const request = create(WatchRequestSchema, { requestUnion: { case: "createRequest", value } });
    const message = toBinary(WatchRequestSchema, request);
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    header.writeUInt32BE(message.length, 1);
    this.stream.write(Buffer.concat([header, message]));
  }

  async next(): Promise<WatchResponse> {
    for (;;) {
      const response = this.arrived.shift();
      if (response !== undefined) return response;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Reads no more: what the server sends fills the stream's window and then stays there. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  close(): void {
    this.session.destroy();
  }

  private read(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered < this.wanted()) return;
    let rest: Buffer = Buffer.concat(this.chunks);
    while (rest.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      this.arrived.push(fromBinary(WatchResponseSchema, rest.subarray(FRAME_HEADER_BYTES, end)));
      rest = rest.subarray(end);
    }
    this.chunks = [rest];
    this.buffered = rest.length;
    this.wake();
  }

  /** The bytes of the next whole frame; a large one arrives in many chunks, joined only once. */
  private wanted(): number {
    const first = this.chunks[0];
    if (first === undefined || first.length < FRAME_HEADER_BYTES) return 0;
    return FRAME_HEADER_BYTES + first.readUInt32BE(1);
  }
}
