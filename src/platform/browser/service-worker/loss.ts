import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFlag, errorToJson } from "@connectrpc/connect/protocol-connect";

/** In gRPC-Web, of the frame that holds the trailers. */
const TRAILER_FLAG = 0x80;

/**
 * The last bytes of a stream whose owner has gone, in the stream's own protocol, so that its reader hears of an
 * error and not of a broken connection; undefined for a response that is no stream.
 */
export function lossOf(contentType: string, error: unknown): Uint8Array | undefined {
  const loss = ConnectError.from(error, Code.Unavailable);
  if (contentType.startsWith("application/connect+")) {
    return encodeEnvelope(endStreamFlag, bytesOf(JSON.stringify({ error: errorToJson(loss, undefined) })));
  }
  if (contentType.startsWith("application/grpc-web")) {
    const message = encodeURIComponent(loss.rawMessage);
    return encodeEnvelope(TRAILER_FLAG, bytesOf(`grpc-status: ${loss.code}\r\ngrpc-message: ${message}\r\n`));
  }
  return undefined;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
