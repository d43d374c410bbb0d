import { type HttpRequest, SMALL_BYTES } from "./types.ts";

export interface Collected {
  /** Told of a body that is whole; in memory that is nobody else's for as long as it likes. */
  readonly whole: (body: Uint8Array) => void;
  /** Told of what has come of a body that is too large; the rest is left in the request. */
  readonly tooLarge: (pieces: readonly Uint8Array[], sizeBytes: number) => void;
}

/** Hands on a request's body; of a client that leaves before its end nothing. */
export function collect(request: HttpRequest, maxBytes: number, { whole, tooLarge }: Collected): void {
  const announcedBytes = Number(request.headers["content-length"]);
  if (announcedBytes > maxBytes) {
    tooLarge([], announcedBytes);
    return;
  }
  if (announcedBytes <= SMALL_BYTES && request.whenWhole?.((body) => whole(plainView(body)))) return;
  const pieces: Uint8Array[] = [];
  let length = 0;
  const onData = (piece: Uint8Array): void => {
    pieces.push(piece);
    length += piece.length;
    if (length <= maxBytes) return;
    request.off("data", onData);
    request.off("end", onEnd);
    request.pause();
    tooLarge(pieces, length);
  };
  const onEnd = (): void => {
    whole(plainView(pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, length)));
  };
  request.on("data", onData);
  request.on("end", onEnd);
}

/** protobuf-es then hands out plain views in turn, not Node's Buffers. */
function plainView({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
