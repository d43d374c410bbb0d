/**
 * A stream that can say its next message at once, where it has one: a promise for each costs more than most messages.
 * What stands between a method and its caller passes that on; who does not know of it uses `next`, and gets the same.
 */
export interface ReadyIterator<T> extends AsyncIterableIterator<T, undefined> {
  /**
   * Undefined where one has to wait, has come to the end or to an error: `next` tells which. Not while a `next` is
   * under way.
   */
  ready(): T | undefined;
}

/** `ready` of any stream. */
export function readyOf<T>(stream: AsyncIterator<T>): (() => T | undefined) | undefined {
  const { ready } = stream as Partial<ReadyIterator<T>>;
  return ready?.bind(stream);
}
