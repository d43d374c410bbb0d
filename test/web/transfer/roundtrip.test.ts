import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toDisplay, utf8 } from "../../../web/src/store/bytes.ts";
import { fromBase64, toBase64 } from "../../../web/src/transfer/base64.ts";
import { type ReadItem, readRecords } from "../../../web/src/transfer/read.ts";
import type { FormatName, KeyRecord } from "../../../web/src/transfer/record.ts";
import { writerFor } from "../../../web/src/transfer/write.ts";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const record = fc.record({ key: fc.uint8Array({ minLength: 1, maxLength: 40 }), value: bytes(200) });
const textRecord = fc.record({
  key: fc.string({ minLength: 1, unit: "binary" }).map(utf8),
  value: fc.string({ unit: "binary" }).map(utf8),
});
const records = fc.array(fc.oneof(record, textRecord), { maxLength: 12 });

const AWKWARD: KeyRecord[] = [
  { key: utf8("/a"), value: utf8("") },
  { key: utf8("//a"), value: utf8('it\'s "quoted" \\ $HOME `date` %s\n\ttab\r\n') },
  { key: Uint8Array.of(0xff, 0xfe, 0x2f), value: Uint8Array.of(0, 1, 2, 255) },
  { key: utf8("-starts-with-a-dash"), value: utf8("--value") },
  { key: utf8("/ünï/キー"), value: utf8("\u2028\ufeffend\\x00\\") },
  { key: utf8("/literal\\xff"), value: utf8("\\n is two characters") },
  { key: utf8("/c'q"), value: Uint8Array.of(39, 92, 39, 200, 10) },
];

function fileOf(format: FormatName, list: readonly KeyRecord[]): string {
  const writer = writerFor(format, { revision: 7 });
  return writer.head + list.map((one, at) => writer.record(one, at === 0)).join("") + writer.foot;
}

async function itemsOf(text: string, format: Exclude<FormatName, "csv">): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readRecords(new Blob([text]), format)) items.push(item);
  return items;
}

async function roundTrip(format: Exclude<FormatName, "csv">, list: readonly KeyRecord[]): Promise<string[]> {
  return (await itemsOf(fileOf(format, list), format)).map((item) =>
    "record" in item ? describe(item.record) : `problem: ${item.problem.message}`,
  );
}

function describe({ key, value }: KeyRecord): string {
  return `${toDisplay(key)} = ${toDisplay(value)}`;
}

test.for(["jsonl", "json", "script"] as const)("%s gives awkward keys and values back", async (format) => {
  expect(await roundTrip(format, AWKWARD)).toEqual(AWKWARD.map(describe));
});

test.for(["jsonl", "json"] as const)("%s gives any bytes back", async (format) => {
  await fc.assert(
    fc.asyncProperty(records, async (list) => {
      expect(await roundTrip(format, list)).toEqual(list.map(describe));
    }),
    { numRuns: 60 },
  );
});

test("a script gives any bytes back, but for keys with a NUL, which it leaves out and names", async () => {
  await fc.assert(
    fc.asyncProperty(records, async (list) => {
      const kept = list.filter(({ key }) => !key.includes(0));
      expect(await roundTrip("script", list)).toEqual(kept.map(describe));
    }),
    { numRuns: 60 },
  );
});

test("1 MiB comes back by every form", async () => {
  const value = Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 31) % 251);
  for (const format of ["jsonl", "json", "script"] as const) {
    const [item] = await itemsOf(fileOf(format, [{ key: utf8("/big"), value }]), format);
    const read = item !== undefined && "record" in item ? item.record.value : undefined;
    expect(Buffer.from(read ?? []).equals(value), format).toBe(true);
  }
});

/** bash itself, with an etcdctl that prints what it was given: key, `=` and value in hex, a line each. */
const FAKE_ETCDCTL = `etcdctl() {
  if [ "$#" -eq 4 ]; then printf '%s' "$4" | xxd -p | tr -d '\\n' > "$T/v"; else xxd -p | tr -d '\\n' > "$T/v"; fi
  printf '%s' "$3" | xxd -p | tr -d '\\n'; printf '='; cat "$T/v"; echo
}
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
`;
const hasBash = spawnSync("bash", ["-c", "command -v xxd"]).status === 0;

test.skipIf(!hasBash && process.env.ETCDLITE_REQUIRE !== "all")(
  "bash reads a script as it is meant (needs bash and xxd)",
  () => {
    const { stdout, stderr } = spawnSync("bash", { input: FAKE_ETCDCTL + fileOf("script", AWKWARD), encoding: "utf8" });
    const hex = (part: Uint8Array): string => Buffer.from(part).toString("hex");
    expect(stdout.trim().split("\n"), stderr).toEqual(AWKWARD.map(({ key, value }) => `${hex(key)}=${hex(value)}`));
  },
);

test("base64 is the standard's", () => {
  fc.assert(
    fc.property(bytes(100_000), (given) => {
      expect(toBase64(given)).toBe(Buffer.from(given).toString("base64"));
      expect(Buffer.from(fromBase64(toBase64(given))).equals(given)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("a CSV has a line a key, and nothing that a spreadsheet runs", () => {
  const meta = { createRevision: 2, modRevision: 5, version: 3, lease: 255n };
  const text = fileOf("csv", [
    { key: utf8("/a"), value: utf8("xyz"), meta },
    { key: utf8('=1+1,"x"'), value: utf8(""), meta },
  ]);
  expect(text.split("\r\n")).toEqual([
    "key,size_bytes,create_revision,mod_revision,version,lease",
    "/a,3,2,5,3,ff",
    '"\t=1+1,""x""",0,2,5,3,ff',
    "",
  ]);
});
