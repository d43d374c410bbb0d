/** Faults of a browser's storage, for workers that import this before the store's own worker. */
export function refuseDatabases(): void {
  IDBFactory.prototype.open = () => {
    throw new DOMException("The user denied permission to access the database.", "SecurityError");
  };
}

/** From a put of this value on. */
export const LAST_VALUE = "the last that there is room for";

export function fillUpAt(value: string): void {
  const put = IDBObjectStore.prototype.put;
  const last = new TextEncoder().encode(value).join(" ");
  let isFull = false;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, row: unknown, key?: IDBValidKey) {
    if (isFull) throw new DOMException("there is no room", "QuotaExceededError");
    if (row instanceof ArrayBuffer && new Uint8Array(row).join(" ").includes(last)) isFull = true;
    return put.call(this, row, key);
  };
}
