/** A tab's worker: it runs the store, or waits for the tab that does to go. */
import type { FromWorker, ToWorker } from "./names.ts";
import { Candidate } from "./owner/candidate.ts";

/** What of a dedicated worker's global scope is used. */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToWorker }) => void): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const tell = (message: FromWorker): void => scope.postMessage(message);
let candidate: Candidate | undefined;

scope.addEventListener("message", ({ data: message }) => {
  const failed = (error: unknown): void => tell({ type: "failed", message: String(error) });
  switch (message.type) {
    case "start":
      candidate = new Candidate({ ...message, tell });
      candidate.live().catch(failed);
      break;
    case "run":
      candidate?.run(message.previous).catch(failed);
      break;
    case "close":
      void close();
      break;
  }
});

async function close(): Promise<void> {
  try {
    await candidate?.close();
  } finally {
    tell({ type: "closed" });
    scope.close();
  }
}
