/** The thread that waits for the disk. Its first reply says how opening went. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { Database, type DatabaseOptions } from "./database.ts";
import type { Reply, Request } from "./messages.ts";
import { packRows, unpackChanges } from "./packing.ts";

/** Rows read at once; fewer where they are large. */
const BATCH_ROWS = 4096;

function serve(port: MessagePort): void {
  const reply = (answer: () => Uint8Array<ArrayBuffer> | undefined): void => {
    try {
      const packed = answer();
      port.postMessage({ packed } satisfies Reply, packed === undefined ? [] : [packed.buffer]);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ failure: { name, message } } satisfies Reply);
    }
  };
  let database: Database | undefined;
  reply(() => {
    database = Database.open(workerData as DatabaseOptions);
    return undefined;
  });
  const open = database;
  if (open === undefined) return;
  port.on("message", (request: Request) => {
    reply(() => answer(open, request));
    // In the time in which what was read is made use of.
    if (request.kind === "rows") open.verify();
  });
}

function answer(database: Database, request: Request): Uint8Array<ArrayBuffer> | undefined {
  switch (request.kind) {
    case "write":
      database.write(unpackChanges(request.packed));
      return undefined;
    case "rows": {
      const rows = database.rows(request.bucket, request.after, BATCH_ROWS);
      return rows.length === 0 ? undefined : packRows(rows);
    }
    case "close":
      database.close();
      return undefined;
  }
}

if (parentPort !== null) serve(parentPort);
