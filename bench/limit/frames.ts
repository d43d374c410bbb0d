/**
 * A server of constant bytes without node:http2: a loop over the frames on a socket of node:net, which is what any
 * engine in JavaScript can come near and not pass. It knows what is asked for by the bytes of the header block, keeps
 * no state of streams, takes windows for as large as they need to be, and writes once for all that came at once.
 */
import net, { type Socket } from "node:net";
import { HpackDecoder } from "../../src/h2/hpack-decoder.ts";

type Fields = Readonly<Record<string, string>>;

export interface Constant {
  readonly headers: Fields;
  readonly trailers?: Fields;
  readonly bytes: Uint8Array;
  /** For a reply to each request of that many bytes. */
  readonly requestBytes?: number;
}

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;
const MAX_FRAME_BYTES = 16_384;
const Type = { DATA: 0, HEADERS: 1, SETTINGS: 4, PING: 6, WINDOW_UPDATE: 8 };
const Flag = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PRIORITY: 32 };
const WINDOW_BYTES = 2 ** 30;
const STATUS_200 = 0x88;
const NOTHING = Buffer.alloc(0);

/** Frames that are the same for every stream, but for its number. */
class Said {
  readonly bytes: Buffer;
  /** Where the numbers are. */
  readonly places: readonly number[];

  constructor(...frames: readonly Buffer[]) {
    this.bytes = Buffer.concat(frames);
    const places: number[] = [];
    for (let at = 0; at < this.bytes.length; at += HEADER_BYTES + this.bytes.readUIntBE(at, 3)) places.push(at + 5);
    this.places = places;
  }
}

interface Answer {
  readonly requestBytes: number | undefined;
  readonly opening: Said;
  readonly message: Said;
  readonly closing: Said;
  readonly whole: Said;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function frame(type: number, flags: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

function dataFrames(bytes: Uint8Array, flags: number): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES) {
    const end = Math.min(bytes.length, at + MAX_FRAME_BYTES);
    frames.push(frame(Type.DATA, end === bytes.length ? flags : 0, bytes.subarray(at, end)));
  }
  return Buffer.concat(frames);
}

/** Each field as a literal that goes into no table: all are short. */
function headersFrame(fields: Fields, flags: number, ...first: number[]): Buffer {
  const literals = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
  return frame(Type.HEADERS, Flag.END_HEADERS | flags, Buffer.concat([Buffer.from(first), ...literals]));
}

function answerOf({ headers, trailers, bytes, requestBytes }: Constant): Answer {
  const opening = headersFrame(headers, 0, STATUS_200);
  const message = dataFrames(bytes, trailers === undefined ? Flag.END_STREAM : 0);
  const closing = trailers === undefined ? NOTHING : headersFrame(trailers, Flag.END_STREAM);
  return {
    requestBytes,
    opening: new Said(opening),
    message: new Said(message),
    closing: new Said(closing),
    whole: new Said(opening, message, closing),
  };
}

const UPDATE = new Said(frame(Type.WINDOW_UPDATE, 0, uint32(WINDOW_BYTES / 2)));
const GREETING = Buffer.concat([
  frame(Type.SETTINGS, 0, Buffer.concat([Buffer.from([0, 4]), uint32(WINDOW_BYTES)])),
  frame(Type.WINDOW_UPDATE, 0, uint32(WINDOW_BYTES)),
  frame(Type.SETTINGS, Flag.ACK, NOTHING),
]);

class Talk {
  readonly #socket: Socket;
  readonly #find: (path: string) => Answer;
  readonly #decoder = new HpackDecoder(2 ** 20);
  #lastBlock: Buffer = NOTHING;
  #lastAnswer: Answer | undefined;
  readonly #asked = new Map<number, Answer>();
  /** What has come of a request on a stream with many. */
  readonly #received = new Map<number, number>();
  #output: { readonly said: Said; readonly id: number }[] = [];
  #rest: Buffer = NOTHING;
  #toSkip = PREFACE_BYTES;
  #windowBytes = WINDOW_BYTES;

  constructor(socket: Socket, find: (path: string) => Answer) {
    this.#socket = socket;
    this.#find = find;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", (piece) => this.#read(piece));
    socket.write(GREETING);
  }

  #read(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= at;
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#frame(bytes, at, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
    this.#write();
  }

  #frame(bytes: Buffer, at: number, end: number): void {
    const [type, flags, id] = [bytes[at + 3], bytes[at + 4] as number, bytes.readUInt32BE(at + 5)];
    const start = at + HEADER_BYTES;
    if (type === Type.HEADERS) this.#headers(id, bytes.subarray(flags & Flag.PRIORITY ? start + 5 : start, end));
    else if (type === Type.DATA) this.#data(id, end - start, (flags & Flag.END_STREAM) !== 0);
    else if (type === Type.PING && (flags & Flag.ACK) === 0)
      this.#say(0, new Said(frame(Type.PING, Flag.ACK, bytes.subarray(start, end))));
  }

  #headers(id: number, block: Buffer): void {
    let answer = this.#lastAnswer;
    if (answer === undefined || !block.equals(this.#lastBlock)) {
      const { version } = this.#decoder;
      const fields = this.#decoder.decode(block, 0, block.length) ?? [];
      answer = this.#find(fields.find(({ name }) => name === ":path")?.value ?? "");
      this.#lastBlock = Buffer.from(block);
      // A block that changes the table means something else the next time.
      this.#lastAnswer = this.#decoder.version === version ? answer : undefined;
    }
    this.#asked.set(id, answer);
    if (answer.requestBytes === undefined) return;
    this.#received.set(id, 0);
    this.#say(id, answer.opening);
  }

  #data(id: number, bytes: number, isLast: boolean): void {
    this.#windowBytes -= bytes;
    if (this.#windowBytes < WINDOW_BYTES / 2) {
      this.#windowBytes += WINDOW_BYTES / 2;
      this.#say(0, UPDATE);
    }
    const answer = this.#asked.get(id);
    if (answer === undefined) return;
    if (isLast) this.#asked.delete(id);
    if (answer.requestBytes !== undefined) this.#repeat(id, answer, answer.requestBytes, bytes, isLast);
    else if (isLast) this.#say(id, answer.whole);
  }

  #repeat(id: number, answer: Answer, requestBytes: number, bytes: number, isLast: boolean): void {
    let received = (this.#received.get(id) ?? 0) + bytes;
    for (; received >= requestBytes; received -= requestBytes) this.#say(id, answer.message);
    this.#received.set(id, received);
    if (!isLast) return;
    this.#received.delete(id);
    this.#say(id, answer.closing);
  }

  #say(id: number, said: Said): void {
    this.#output.push({ id, said });
  }

  #write(): void {
    const output = this.#output;
    if (output.length === 0) return;
    this.#output = [];
    const bytes = Buffer.allocUnsafe(output.reduce((sum, { said }) => sum + said.bytes.length, 0));
    let at = 0;
    for (const { id, said } of output) {
      bytes.set(said.bytes, at);
      for (const place of said.places) bytes.writeUInt32BE(id, at + place);
      at += said.bytes.length;
    }
    this.#socket.write(bytes);
  }
}

/** @param find what there is at a path */
export function createFrameLoop(find: (path: string) => Constant | undefined): net.Server {
  const answers = new Map<Constant, Answer>();
  const none = answerOf({ headers: {}, trailers: {}, bytes: NOTHING });
  const answerAt = (path: string): Answer => {
    const constant = find(path);
    if (constant === undefined) return none;
    const answer = answers.get(constant) ?? answerOf(constant);
    answers.set(constant, answer);
    return answer;
  };
  return net.createServer((socket) => void new Talk(socket, answerAt));
}
