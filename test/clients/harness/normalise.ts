/**
 * Makes two runs of one script comparable: names for what is different in every run, nothing else.
 *
 * Left out: member, cluster and lease ids (by name, so that equal ids stay equal), URLs, durations, sizes of
 * the database, raft indexes, the time left of a lease, how often one was renewed, table borders, and the time,
 * code line and pointer of log lines on stderr. Everything else is compared byte for byte; raw protobuf too, but
 * for its header.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { ResponseHeaderSchema } from "../../../src/gen/etcdserverpb/header_pb.ts";

/** Patterns whose first group stays and whose rest differs from run to run. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/(localhost|127\.0\.0\.1):\d+/g, "URL"],
  [/(took"? ?[:=]? ?"?)[\d.]+(ns|µs|ms|s)/gi, "$1TIME"],
  [/(remaining\()\d+(s\))/g, "$1N$2"],
  [/("(?:dbSize|dbSizeInUse|raftIndex|raftAppliedIndex)":)\d+/g, "$1N"],
  // An etcd has this storage version until, seconds after its start at the latest, it takes up its own.
  [/\b3\.5\.0\b/g, "3.7.0"],
  [/("(?:DBSize|DBSizeInUse|RaftIndex|RaftAppliedIndex)" :) \d+/g, "$1 N"],
];

const VARYING_COLUMNS = new Set([
  ...["TOOK", "DB SIZE", "IN USE", "PERCENTAGE NOT IN USE", "RAFT INDEX", "RAFT APPLIED INDEX"],
]);

/** One member of several, in each format of the output, and in the variables that member add prints. */
const MEMBER_PATTERNS = [
  /^[A-Z]+, (?:un)?started, .*$/gm,
  /^[A-Z]+ \| (?:un)?started .*$/gm,
  /(?<="members":\[.*)\{"ID":[^{}]*\}/g,
  /^"ID" : [\s\S]*?^"IsLearner" : .*$/gm,
  /(?<=^ETCD_INITIAL_CLUSTER=".*)\w*=[^,"]+/gm,
];

/** What the client logs about calls it gave up itself, if it comes to that before its end. */
const CANCELED_BY_ITSELF = "context canceled";

export class Normaliser {
  private readonly replacements: [string, string][] = [];
  private readonly patterns: (readonly [RegExp, string])[] = [...VARYING];

  /** An id that is to appear by this name, however it is printed. */
  name(name: string, id: bigint): void {
    const hex = id.toString(16);
    for (const form of new Set([hex.padStart(16, "0"), hex, id.toString()])) this.replace(form, name);
  }

  replace(text: string, name: string): void {
    this.replacements.push([text, name]);
  }

  hide(pattern: RegExp, name: string): void {
    this.patterns.push([pattern, name]);
  }

  text(text: string): string {
    let out = text;
    for (const [from, to] of this.replacements) out = out.replaceAll(from, to);
    for (const [pattern, to] of this.patterns) out = out.replaceAll(pattern, to);
    return out;
  }

  stdout(bytes: Buffer, args: readonly string[]): string[] {
    if (bytes.length === 0) return [];
    if (wantsOutput(args, "protobuf")) return [protobuf(bytes)];
    const lines = this.text(printable(bytes)).split("\n");
    if (lines.at(-1) === "") lines.pop();
    else lines.push("(no newline at the end)");
    if (args.includes("keep-alive")) return lines.filter((line, index) => line !== lines[index - 1]);
    const rows = wantsOutput(args, "table") ? table(lines) : lines;
    return args.includes("member") ? inOrder(rows.join("\n")).split("\n") : rows;
  }

  stderr(text: string): string[] {
    const lines = text.split("\n").filter((line) => line !== "" && !line.includes(CANCELED_BY_ITSELF));
    return lines.map((line) => `! ${this.text(logLine(line))}`);
  }
}

/** Members come in the order of their ids, which are random: here in the order of their names. */
function inOrder(text: string): string {
  let out = text;
  for (const pattern of MEMBER_PATTERNS) {
    const sorted = out.match(pattern)?.sort();
    out = out.replace(pattern, () => sorted?.shift() ?? "");
  }
  return out;
}

function wantsOutput(args: readonly string[], format: string): boolean {
  return args.includes(`--write-out=${format}`) || args[args.indexOf("-w") + 1] === format;
}

/** The header read, as its ids differ; every other byte as it came. */
function protobuf(bytes: Buffer): string {
  const length = bytes[1] ?? 0;
  if (bytes[0] !== 0x0a || length >= 0x80) return `protobuf ${bytes.toString("hex")}`;
  const header = fromBinary(ResponseHeaderSchema, bytes.subarray(2, 2 + length));
  const rest = bytes.subarray(2 + length).toString("hex");
  return `protobuf revision=${header.revision} raft_term=${header.raftTerm} ${rest}`;
}

/** Text as it is; other bytes as \xNN. */
function printable(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes) && !/[^\P{Cc}\n\t]/u.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is made visible here
  return bytes.toString("latin1").replace(/[\x00-\x08\x0b-\x1f\x7f-\xff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** The cells of a table; the borders are as wide as the cells, so they go. */
function table(lines: readonly string[]): string[] {
  const rows = lines.filter((line) => !/^[+─┌┬┐├┼┤└┴┘-]+$/.test(line));
  const cells = rows.map((row) =>
    row
      .split(/[|│]/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const varying = new Set(cells[0]?.flatMap((title, index) => (VARYING_COLUMNS.has(title) ? [index] : [])));
  const named = cells.map((row, at) => row.map((cell, index) => (at > 0 && varying.has(index) ? "N" : cell)));
  return named.map((row) => row.join(" | "));
}

/** zap's JSON, or its columns: what was logged, without when and where. */
function logLine(line: string): string {
  const [, level, message] = /^\d{4}-\S+\t(\w+)\t\S+\t([^\t]*)/.exec(line) ?? [];
  if (level !== undefined) return `log ${level}: ${message}`;
  if (!line.startsWith("{")) return line;
  const entry = JSON.parse(line) as Record<string, unknown>;
  return `log ${[entry.level, entry.msg, entry.method, entry.error].filter(Boolean).join(": ")}`;
}
