/** The thread that waits for the disk. Its first reply says how opening went. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type Bucket, changesIn } from "../../../journal/index.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { packRows } from "./packing.ts";

/** Asked by a SqliteJournal: each request is answered, in their order. */
export type Request =
  | { readonly kind: "write"; readonly parts: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly kind: "rows"; readonly bucket: Bucket; readonly after: Uint8Array | undefined }
  | { readonly kind: "close" };

export type Reply =
  /** Rows are packed; undefined where there is nothing to tell, or no row is left. */
  | { readonly packed: Uint8Array<ArrayBuffer> | undefined }
  | { readonly failure: { readonly name: string; readonly message: string } };

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
    // In the time in which what was read is made use of, or what was written is answered.
    if (request.kind === "rows") open.verify();
    if (request.kind === "write") open.tidy();
  });
}

function answer(database: Database, request: Request): Uint8Array<ArrayBuffer> | undefined {
  switch (request.kind) {
    case "write":
      database.write(changesIn(request.parts));
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
