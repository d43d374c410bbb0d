/**
 * Transcripts: operations and the replies a real etcd gave, in a text file under test/testdata.
 *
 *     # a comment; the first line tells what the file is about
 *     > KV.Put key="a" value="1"
 *     < header={cluster_id=1 member_id=1 revision=2 raft_term=2}
 *
 * A `>` line is an operation (operation.ts), the `<` lines after it are its reply, normalised (normalise.ts).
 * Watches answer with the `settle` that waits for them, or with what must wait itself.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Lockstep } from "./lockstep.ts";
import { formatOperation, parseOperation } from "./operation.ts";
import type { Servers } from "./step.ts";

const TESTDATA = join(import.meta.dirname, "..", "testdata");

export type Exchange = {
  /** From 1. */
  readonly lineNumber: number;
  readonly operation: string;
  readonly replies: readonly string[];
};

export type Transcript = {
  readonly path: string;
  readonly name: string;
  readonly title: string;
  /** Every line that is no reply, in order. */
  readonly script: readonly string[];
  readonly exchanges: readonly Exchange[];
};

export function readTranscripts(): Transcript[] {
  const names = readdirSync(TESTDATA).filter((name) => name.endsWith(".txt"));
  return names.sort().map((name) => parseTranscript(join(TESTDATA, name)));
}

function parseTranscript(path: string): Transcript {
  const script: string[] = [];
  const exchanges: (Exchange & { replies: string[] })[] = [];
  for (const [index, line] of readFileSync(path, "utf8").trimEnd().split("\n").entries()) {
    if (line.startsWith("< ")) {
      exchanges.at(-1)?.replies.push(line.slice(2));
      continue;
    }
    script.push(line);
    if (line.startsWith("> ")) exchanges.push({ lineNumber: index + 1, operation: line.slice(2), replies: [] });
    else if (line !== "" && !line.startsWith("#")) throw new Error(`${path}:${index + 1}: neither # nor > nor <`);
  }
  const title = (script[0] ?? "").replace(/^#\s*/, "");
  return { path, name: basename(path, ".txt"), title, script, exchanges };
}

/** Performs the operations on one server; answers its lines, one list for each exchange. */
export async function perform(transcript: Transcript, server: Servers): Promise<string[][]> {
  const lockstep = new Lockstep(server);
  const replies: string[][] = [];
  for (const { operation } of transcript.exchanges) {
    const [lines = []] = await lockstep.execute(parseOperation(operation));
    replies.push([...lines]);
  }
  return replies;
}

/** The transcript's text with these replies, its operations written as formatOperation writes them. */
export function writeTranscript({ script }: Transcript, replies: readonly (readonly string[])[]): string {
  const lines: string[] = [];
  let index = 0;
  for (const line of script) {
    if (!line.startsWith("> ")) {
      lines.push(line);
      continue;
    }
    lines.push(
      `> ${formatOperation(parseOperation(line.slice(2)))}`,
      ...(replies[index] ?? []).map((reply) => `< ${reply}`),
    );
    index += 1;
  }
  return `${lines.join("\n")}\n`;
}
