/** Writes row after row of 200 kB to the data dir that it is given, and says of each, by its number, that it is durable. */
import { SqliteJournal } from "../../../../../src/platform/node/journal/sqlite.ts";

const VALUE_BYTES = 200_000;
const [directory = "", first = "0"] = process.argv.slice(2);
const journal = await SqliteJournal.open({ directory, unsafeNoFsync: false });
for (let at = Number(first); ; at++) {
  const key = Uint8Array.from(Buffer.from(String(at).padStart(8, "0")));
  await journal.write([{ bucket: "key", key, value: new Uint8Array(VALUE_BYTES).fill(at) }]);
  process.stdout.write(`${at}\n`);
}
