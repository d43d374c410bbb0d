/** The numbers of RFC 9113: frame types and flags (6), settings (6.5.2), error codes (7). */

export const FRAME_HEADER_BYTES = 9;
/** What everyone may send, and the most this engine takes and sends (4.2). */
export const DEFAULT_MAX_FRAME_BYTES = 16_384;
export const LARGEST_MAX_FRAME_BYTES = 16_777_215;
/** 6.9.1 and 6.9.2. */
export const MAX_WINDOW_BYTES = 2_147_483_647;
export const DEFAULT_WINDOW_BYTES = 65_535;

/** 5.1.1. */
export const MAX_STREAM_ID = 2_147_483_647;

/** 3.4. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const FrameType = Object.freeze({
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
});

export const Flag = Object.freeze({ END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 });

export const Setting = Object.freeze({
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
});

export const ErrorCode = Object.freeze({
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
});
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];
