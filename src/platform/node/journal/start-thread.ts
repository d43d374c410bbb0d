/**
 * Starts the thread that has a data dir's database. It takes as long as loading the rest of us does, so the command has it
 * started first: nothing else is imported here.
 */
import { Worker } from "node:worker_threads";

const WORKER_URL = new URL(import.meta.url.replace(/start-thread(\.[jt]s)$/, "worker$1"));
/** Node says that its SQLite may change; what is used of it is held by tests. Deno does not know the flag. */
const WITHOUT_WARNING = "deno" in process.versions ? [] : ["--disable-warning=ExperimentalWarning"];

let ahead: Worker | undefined;

/** Starts one for who takes the next, if anybody does: it does not keep the process. */
export function startAhead(): void {
  ahead = newThread();
  ahead.unref();
}

/** One that waits to be told, by its first message, what to open. */
export function takeThread(): Worker {
  const thread = ahead ?? newThread();
  ahead = undefined;
  thread.ref();
  return thread;
}

function newThread(): Worker {
  return new Worker(WORKER_URL, { execArgv: WITHOUT_WARNING });
}
