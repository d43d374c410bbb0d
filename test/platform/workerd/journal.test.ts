/** The journal in a Durable Object's database, in the real workerd: the contract of every journal. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { journalContract } from "../../journal/contract.ts";
import { RemoteJournal } from "./support/journal-host.ts";
import { type Runtime, startRuntime } from "./support/runtime.ts";

let runtime: Runtime;
let places = 0;

beforeAll(async () => {
  runtime = await startRuntime();
});
afterAll(() => runtime.close());

function call(name: string, method: string, body = ""): Promise<Response> {
  return fetch(`${runtime.url}/journals/${name}/${method}`, { method: "POST", body });
}

function openJournal(name: string): Promise<RemoteJournal> {
  return RemoteJournal.open((method, body) => call(name, method, body));
}

journalContract("durableobject", async () => {
  const name = `journal${++places}`;
  let journal: RemoteJournal | undefined;
  return {
    open: async () => {
      journal = await openJournal(name);
      return journal;
    },
    crash: async () => {
      journal?.kill();
      expect((await call(name, "crash")).status).toBe(503);
    },
    dispose: async () => journal?.close(),
  };
});

describe("the journal of an object", () => {
  test("keeps the largest row that a request may bring", async () => {
    const journal = await openJournal("large");
    const value = Uint8Array.from({ length: 1_900_000 }, (_, at) => at * 31);
    await journal.write([{ bucket: "key", key: Uint8Array.of(1), value }]);
    for await (const [row] of journal.rows("key")) expect(row?.value.length).toBe(value.length);
    await journal.close();
  });

  test("that has failed once takes back the whole write, and takes none after it", async () => {
    const journal = await openJournal("failing");
    await journal.write([{ bucket: "key", key: Uint8Array.of(1), value: Uint8Array.of(1) }]);
    const tooLarge = new Uint8Array(3_000_000);
    const failed = journal.write([
      { bucket: "key", key: Uint8Array.of(2), value: Uint8Array.of(2) },
      { bucket: "key", key: Uint8Array.of(3), value: tooLarge },
    ]);
    await expect(failed).rejects.toThrow(/too big/i);
    await expect(journal.write([])).rejects.toThrow(/too big/i);
    journal.kill();
    const again = await openJournal("failing");
    const keys: number[] = [];
    for await (const rows of again.rows("key")) keys.push(...rows.map(({ key }) => Number(key[0])));
    expect(keys).toEqual([1]);
  });
});
