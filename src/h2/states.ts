/**
 * RFC 9113, 5.1: what may come on a stream, by its state, and what becomes of it. No stream is ever reserved: nothing is
 * pushed. "Forgotten" are streams that we have reset: the client may not know that yet, so what it sends counts for
 * flow control and for the header table and is otherwise dropped.
 *
 *                       DATA            HEADERS         RST_STREAM   WINDOW_UPDATE
 *     idle              connection      opens           connection   connection
 *     open              taken           trailers        closes       taken
 *     half-closed       stream          stream          closes       taken
 *       (remote)
 *     half-closed       taken           trailers        closes       taken
 *       (local)
 *     closed            stream          connection      dropped      dropped
 *     forgotten         dropped         dropped         dropped      dropped
 *
 * "connection" and "stream" are errors of these. PRIORITY may come in any state, and means nothing (5.3).
 */

export const State = Object.freeze({
  IDLE: 0,
  OPEN: 1,
  HALF_CLOSED_REMOTE: 2,
  HALF_CLOSED_LOCAL: 3,
  CLOSED: 4,
  FORGOTTEN: 5,
});
export type State = (typeof State)[keyof typeof State];

export const Verdict = Object.freeze({ TAKE: 0, DROP: 1, STREAM_ERROR: 2, CONNECTION_ERROR: 3 });
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

const { TAKE, DROP, STREAM_ERROR, CONNECTION_ERROR } = Verdict;

/** By state. */
export const ON_DATA: readonly Verdict[] = [CONNECTION_ERROR, TAKE, STREAM_ERROR, TAKE, STREAM_ERROR, DROP];
export const ON_HEADERS: readonly Verdict[] = [TAKE, TAKE, STREAM_ERROR, TAKE, CONNECTION_ERROR, DROP];
export const ON_RST_STREAM: readonly Verdict[] = [CONNECTION_ERROR, TAKE, TAKE, TAKE, DROP, DROP];
export const ON_WINDOW_UPDATE: readonly Verdict[] = [CONNECTION_ERROR, TAKE, TAKE, TAKE, DROP, DROP];

/** Where END_STREAM leads: the client's, and ours. */
export const AFTER_REMOTE_END: readonly State[] = [
  State.HALF_CLOSED_REMOTE,
  State.HALF_CLOSED_REMOTE,
  State.HALF_CLOSED_REMOTE,
  State.CLOSED,
  State.CLOSED,
  State.FORGOTTEN,
];
export const AFTER_LOCAL_END: readonly State[] = [
  State.HALF_CLOSED_LOCAL,
  State.HALF_CLOSED_LOCAL,
  State.CLOSED,
  State.HALF_CLOSED_LOCAL,
  State.CLOSED,
  State.FORGOTTEN,
];
