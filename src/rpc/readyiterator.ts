/**
 * A stream that can say its next message at once, where it has one: a promise for each costs more than most messages.
 * What stands between a method and its caller passes that on, both ways; who does not know of it uses `next`, and gets
 * the same.
 */
export interface ReadyIterator<T> extends AsyncIterableIterator<T, undefined> {
  /**
   * Undefined where one has to wait, has come to the end or to an error: `next` tells which. Not while a `next` is
   * under way.
   */
  ready(): T | undefined;
  /**
   * To wait without a promise when `ready` had nothing: calls back once, never before it returns, when there may be
   * something. If there is nothing then either, `next` tells why.
   *
   * @returns false where one has to wait by `next`
   */
  whenReady(callback: () => void): boolean;
}

export type Readiness<T> = Pick<ReadyIterator<T>, "ready" | "whenReady">;

const NEVER: Readiness<never> = { ready: () => undefined, whenReady: () => false };

/** That of any stream. */
export function readinessOf<T>(stream: AsyncIterator<T>): Readiness<T> {
  return "whenReady" in stream ? (stream as ReadyIterator<T>) : NEVER;
}
