/** The thread that has the database: it is told which one, and its first reply says how opening went. */
import { type MessagePort, parentPort } from "node:worker_threads";
import { type Bucket, changesIn } from "../../../journal/index.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { packRows } from "./packing.ts";

/** Of a SqliteJournal, behind the options. Each but the first kind is answered, in their order. */
export type Request =
  /** Changes that are in the log, and how many writes there were with them. */
  | { readonly kind: "apply"; readonly parts: readonly Uint8Array<ArrayBuffer>[]; readonly commits: number }
  /** For all changes to be durable in the database; fails where it cannot be written to. */
  | { readonly kind: "merge" }
  | { readonly kind: "rows"; readonly bucket: Bucket; readonly after: Uint8Array | undefined }
  | { readonly kind: "close" };

export type Reply =
  /** How many writes the database holds, or rows, packed; undefined where there is nothing to tell, or no row is left. */
  | { readonly value: number | Uint8Array<ArrayBuffer> | undefined }
  | { readonly failure: { readonly name: string; readonly message: string } };

/** Rows read at once; fewer where they are large. */
const BATCH_ROWS = 4096;

function serve(port: MessagePort, options: DatabaseOptions): void {
  const reply = (answer: () => number | Uint8Array<ArrayBuffer> | undefined): void => {
    try {
      const value = answer();
      port.postMessage({ value } satisfies Reply, value instanceof Uint8Array ? [value.buffer] : []);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ failure: { name, message } } satisfies Reply);
    }
  };
  let database: Database | undefined;
  reply(() => {
    database = Database.open(options);
    return database.commits;
  });
  const open = database;
  if (open === undefined) return;
  port.on("message", (request: Request) => {
    if (request.kind === "apply") apply(open, request);
    else reply(() => answer(open, request));
    // In the time in which what was read is made use of.
    if (request.kind === "rows") open.verify();
  });
}

/** That it has failed is told with the next answer: what was written is in the log, and stays there. */
function apply(database: Database, { parts, commits }: Request & { kind: "apply" }): void {
  try {
    database.apply(changesIn(parts), commits);
  } catch {}
  // Given back now, and not when the collector comes for them.
  for (const { buffer } of parts) buffer.transfer(0);
}

function answer(database: Database, request: Exclude<Request, { kind: "apply" }>): Uint8Array<ArrayBuffer> | undefined {
  switch (request.kind) {
    case "merge":
      database.merge();
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

const port = parentPort;
port?.once("message", (options: DatabaseOptions) => serve(port, options));
