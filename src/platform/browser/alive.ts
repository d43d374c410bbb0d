/**
 * Who is still there, by Web Locks: everyone holds a lock of its own name for as long as it lives, and whoever
 * wants to know of its end asks for the same lock. The browser releases the locks of a tab that crashed.
 */

/** What can be told of: a worker, a page, a service worker. The name is a random one. */
function lockOf(name: string): string {
  return `etcdlite/alive/${name}`;
}

/** Settles once the lock is held; the function it gives lets go of it. */
export function holdAlive(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(lockOf(name), () => new Promise<void>((release) => resolve(release)))
      .catch((error: unknown) => reject(error));
  });
}

/** Calls back when the one that held its lock is gone; the function returned stops the watch. */
export function whenGone(name: string, gone: () => void): () => void {
  const abort = new AbortController();
  navigator.locks
    .request(lockOf(name), { mode: "shared", signal: abort.signal }, () => {
      if (!abort.signal.aborted) gone();
    })
    .catch(() => {
      // Only our own abort ends a request that waits.
    });
  return () => abort.abort();
}
