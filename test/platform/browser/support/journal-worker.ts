/** A journal in a worker, which a test can end in the middle of whatever it does. */
import type { Bucket, Change, Journal, Row } from "../../../../src/journal/index.ts";
import { IndexedDbJournal, openDatabase } from "../../../../src/platform/browser/journal/indexeddb.ts";

export type JournalCall =
  | { readonly name: "open"; readonly database: string }
  | { readonly name: "rows"; readonly bucket: Bucket }
  | { readonly name: "write"; readonly changes: readonly Change[] }
  | { readonly name: "close" };

export interface JournalReply {
  readonly id: number;
  readonly value?: readonly (readonly Row[])[];
  readonly error?: string;
}

let journal: Journal | undefined;

async function run(call: JournalCall): Promise<readonly (readonly Row[])[] | undefined> {
  if (call.name === "open") journal = new IndexedDbJournal(await openDatabase(call.database));
  else if (journal === undefined) throw new Error("the journal is not open");
  else if (call.name === "write") await journal.write(call.changes);
  else if (call.name === "close") await journal.close();
  else {
    const batches: (readonly Row[])[] = [];
    for await (const batch of journal.rows(call.bucket)) batches.push(batch);
    return batches;
  }
  return undefined;
}

addEventListener("message", ({ data: { id, ...call } }: MessageEvent<JournalCall & { id: number }>) => {
  const reply = (reply: JournalReply): void => postMessage(reply);
  run(call).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});
