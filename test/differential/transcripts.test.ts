/** Transcripts of a real etcd (test/testdata), performed on etcdlite: it must answer the same lines. */
import { expect, test } from "vitest";
import { formatOperation, parseOperation } from "./operation.ts";
import { etcdliteHere, startPair } from "./servers.ts";
import { perform, readTranscripts } from "./transcript.ts";

const transcripts = readTranscripts();

test("there are transcripts, and each has replies", () => {
  expect(transcripts.length).toBeGreaterThanOrEqual(10);
  for (const { exchanges } of transcripts) expect(exchanges.some(({ replies }) => replies.length > 0)).toBe(true);
});

test("operations are read as they are written", () => {
  for (const { exchanges } of transcripts) {
    for (const { operation } of exchanges) expect(formatOperation(parseOperation(operation))).toBe(operation);
  }
});

test.each(transcripts.map((transcript) => [transcript.name, transcript.title, transcript] as const))(
  "%s.txt: %s",
  async (name, _title, transcript) => {
    const pair = await startPair([etcdliteHere()]);
    try {
      const answers = await perform(transcript, pair);
      const show = (lines: readonly (readonly string[])[]): string[] =>
        transcript.exchanges.flatMap(({ lineNumber, operation }, index) => [
          `${name}.txt:${lineNumber} > ${operation}`,
          ...(lines[index] ?? []),
        ]);
      expect(show(answers)).toEqual(show(transcript.exchanges.map(({ replies }) => replies)));
    } finally {
      await pair.stop();
    }
  },
);
