/** RFC 9113, 5.4.1: what ends a connection. What ends a stream only is no exception: it is a RST_STREAM and a return. */
import type { ErrorCode } from "./constants.ts";

export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
