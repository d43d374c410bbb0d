/** The stores in this browser: their databases are called `etcdlite/NAME`. */
import { openStore } from "../../../src/platform/browser/index.ts";

const DATABASE_PREFIX = "etcdlite/";

/** Undefined where the browser does not list databases. */
export async function storeNames(): Promise<readonly string[] | undefined> {
  if (!("indexedDB" in window) || typeof indexedDB.databases !== "function") return undefined;
  const names = (await indexedDB.databases()).map(({ name = "" }) => name);
  return names
    .filter((name) => name.startsWith(DATABASE_PREFIX))
    .map((name) => name.slice(DATABASE_PREFIX.length))
    .sort();
}

/** Erases a store that this page does not show, and removes its database unless another tab has it open. */
export async function eraseStore(name: string): Promise<void> {
  const store = await openStore({ name });
  const alone = store.state.role === "owner";
  try {
    await store.erase();
  } finally {
    await store.close();
  }
  if (alone) await removeDatabase(name);
}

async function removeDatabase(name: string): Promise<void> {
  const request = indexedDB.deleteDatabase(`${DATABASE_PREFIX}${name}`);
  await new Promise<void>((resolve, reject) => {
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
    // Somebody opened it just now: what is in it is erased, and it goes when they close it.
    request.onblocked = () => resolve();
  });
}
