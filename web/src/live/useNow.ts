import { useSyncExternalStore } from "react";
import { Cell } from "../ui/cell.ts";

const EVERY_MS = 1_000;
const now = new Cell(Date.now());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all that tell the time. */
function subscribe(listener: () => void): () => void {
  users++;
  now.set(Date.now());
  timer ??= setInterval(() => now.set(Date.now()), EVERY_MS);
  const leave = now.subscribe(listener);
  return () => {
    leave();
    users--;
    if (users > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, told anew every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, now.get, now.get);
}
