/** RFC 9113, 6.5: the peer's settings, and ours. */
import {
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  LARGEST_MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
  Setting,
} from "./constants.ts";
import { ConnectionError } from "./errors.ts";

const SETTING_BYTES = 6;
/** There are six, and room for some that we do not know. */
const MAX_SETTINGS = 64;

export class PeerSettings {
  headerTableBytes = 4096;
  initialWindowBytes = DEFAULT_WINDOW_BYTES;
  maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;

  /**
   * Takes the body of a SETTINGS frame; unknown ones are passed over (6.5.2).
   * @throws ConnectionError
   */
  take(bytes: Uint8Array, start: number, end: number): void {
    if ((end - start) % SETTING_BYTES !== 0) {
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a SETTINGS frame has part of a setting");
    }
    if (end - start > MAX_SETTINGS * SETTING_BYTES) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a SETTINGS frame has too many settings");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = start; at < end; at += SETTING_BYTES) this.#set(view.getUint16(at), view.getUint32(at + 2));
  }

  #set(setting: number, value: number): void {
    if (setting === Setting.HEADER_TABLE_SIZE) {
      this.headerTableBytes = value;
    } else if (setting === Setting.ENABLE_PUSH) {
      if (value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH is neither 0 nor 1");
    } else if (setting === Setting.INITIAL_WINDOW_SIZE) {
      if (value > MAX_WINDOW_BYTES) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window is too large");
      this.initialWindowBytes = value;
    } else if (setting === Setting.MAX_FRAME_SIZE) {
      if (value < DEFAULT_MAX_FRAME_BYTES || value > LARGEST_MAX_FRAME_BYTES) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is out of bounds");
      }
      this.maxFrameBytes = value;
    }
  }
}

/** The body of a SETTINGS frame. */
export function settingsPayload(settings: readonly (readonly [setting: number, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(settings.length * SETTING_BYTES);
  const view = new DataView(bytes.buffer);
  settings.forEach(([setting, value], index) => {
    view.setUint16(index * SETTING_BYTES, setting);
    view.setUint32(index * SETTING_BYTES + 2, value);
  });
  return bytes;
}
