/**
 * node test/differential/record.ts [NAME...]
 *
 * Performs the operations of test/testdata/NAME.txt (default: of every transcript) on a fresh real etcd 3.7
 * and writes its replies into the file. To add a transcript, write its `>` lines and record it.
 */
import { writeFileSync } from "node:fs";
import { realEtcd, startPair } from "./servers.ts";
import { perform, readTranscripts, writeTranscript } from "./transcript.ts";

const wanted = process.argv.slice(2);
for (const transcript of readTranscripts()) {
  if (wanted.length > 0 && !wanted.includes(transcript.name)) continue;
  const pair = await startPair([realEtcd()]);
  try {
    writeFileSync(transcript.path, writeTranscript(transcript, await perform(transcript, pair)));
    console.log(`recorded ${transcript.name}: ${transcript.exchanges.length} operations`);
  } finally {
    await pair.stop();
  }
}
