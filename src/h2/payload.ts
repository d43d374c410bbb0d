/** RFC 9113, 4.1 and 6.1: what several kinds of frames have in their payload, and what is wrong with a connection. */
import { ErrorCode } from "./constants.ts";
import { ConnectionError } from "./errors.ts";

export function violation(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}

/** How many bytes at the end are none of the frame's content. @throws ConnectionError */
export function paddingOf(bytes: Uint8Array, start: number, end: number): number {
  if (end === start) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a padded frame has no padding");
  const padding = bytes[start] as number;
  if (padding >= end - start) throw violation("there is more padding than frame");
  return padding;
}

export function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
