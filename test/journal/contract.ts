/**
 * What every journal must do (src/journal/journal.ts), as tests. Runs wherever vitest does, browsers included.
 */
import { describe, expect, test } from "vitest";
import { BUCKETS, type Bucket, type Change, type Journal } from "../../src/journal/index.ts";

/** A place for one journal at a time that lasts until `dispose`. */
export interface JournalPlace {
  /** Opens the journal on what the place holds. */
  open(): Promise<Journal>;
  /**
   * Ends the open journal as a crash would, writes under way included: each of them happens or does not. Without
   * it, what only a crash can show is not tested.
   */
  crash?(): Promise<void>;
  dispose(): Promise<void>;
}

/** What is kept, as text: `bucket key=value`, in order. */
type Content = readonly string[];

export function journalContract(name: string, newPlace: () => Promise<JournalPlace>): void {
  const inPlace = (title: string, run: (place: JournalPlace) => Promise<void>): void => {
    test(title, async () => {
      const place = await newPlace();
      try {
        await run(place);
      } finally {
        await place.dispose();
      }
    });
  };
  describe(`${name}, a journal`, () => {
    rowTests(inPlace);
    orderOfRowTests(inPlace);
    orderOfWriteTests(inPlace);
    closeTests(inPlace);
    crashTests(inPlace);
  });
}

type InPlace = (title: string, run: (place: JournalPlace) => Promise<void>) => void;

function rowTests(inPlace: InPlace): void {
  inPlace("begins with nothing", async (place) => {
    const journal = await place.open();
    expect(journal.kind).toMatch(/^[a-z0-9]+$/);
    expect(await contentOf(journal)).toEqual([]);
    await journal.close();
  });

  inPlace("gives back what was written, here and after it was opened again", async (place) => {
    const changes = [put("meta", "m", "1"), put("key", "k", "2"), put("lease", "l", "3"), put("alarm", "a", "")];
    const expected = ["meta m=1", "key k=2", "lease l=3", "alarm a="];
    const journal = await place.open();
    await journal.write(changes);
    expect(await contentOf(journal)).toEqual(expected);
    await journal.close();
    expect(await reopened(place)).toEqual(expected);
  });

  inPlace("keeps buckets apart, writes over rows and deletes them, be they there or not", async (place) => {
    const journal = await place.open();
    await journal.write(BUCKETS.map((bucket) => put(bucket, "same", bucket)));
    await journal.write([put("key", "same", "new"), remove("lease", "same"), remove("alarm", "other")]);
    await journal.close();
    const others = BUCKETS.filter((bucket) => bucket !== "key" && bucket !== "lease" && bucket !== "meta");
    const expected = ["meta same=meta", "key same=new", ...others.map((bucket) => `${bucket} same=${bucket}`)];
    expect(await reopened(place)).toEqual(expected);
  });

  inPlace("of changes of one row in one write, the last one counts", async (place) => {
    const journal = await place.open();
    const a = [put("key", "a", "1"), put("key", "a", "2"), remove("key", "a")];
    const b = [remove("key", "b"), put("key", "b", "1"), put("key", "b", "2")];
    await journal.write([...a, ...b]);
    await journal.close();
    expect(await reopened(place)).toEqual(["key b=2"]);
  });

  inPlace("takes a write of nothing", async (place) => {
    const journal = await place.open();
    await journal.write([]);
    await journal.close();
    expect(await reopened(place)).toEqual([]);
  });
}

function orderOfRowTests(inPlace: InPlace): void {
  inPlace("orders rows by the bytes of their keys, any bytes, and gives no empty batch", async (place) => {
    const keys = ["\xff\xff", "\xff", "b", "a\0", "a", "\0\0", "\0", "\x7f", "\x80", "aa", "\xfe\xff"];
    const journal = await place.open();
    for (const key of keys) await journal.write([put("key", key, "x")]);
    const sorted = keys.toSorted((a, b) => (a < b ? -1 : 1));
    expect(await contentOf(journal)).toEqual(sorted.map((key) => `key ${key}=x`));
    await journal.close();
    expect(await reopened(place)).toEqual(sorted.map((key) => `key ${key}=x`));
  });

  inPlace("keeps many rows and large values whole", async (place) => {
    const journal = await place.open();
    const large = Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 7919) >> 3);
    const many = Array.from({ length: 10_000 }, (_, at) => put("key", String(at).padStart(6, "0"), String(at)));
    await journal.write([...many, { bucket: "meta", key: bytes("large"), value: large.slice() }]);
    await journal.write(
      many.filter((_, at) => at % 3 === 0).map(({ bucket, key }) => ({ bucket, key, value: undefined })),
    );
    await journal.close();
    const again = await place.open();
    const rows: string[] = [];
    for await (const batch of again.rows("key")) {
      expect(batch.length).toBeGreaterThan(0);
      for (const { key, value } of batch) rows.push(`${text(key)}=${text(value)}`);
    }
    const kept = Array.from({ length: 10_000 }, (_, at) => at).filter((at) => at % 3 !== 0);
    expect(rows.join("\n") === kept.map((at) => `${String(at).padStart(6, "0")}=${at}`).join("\n")).toBe(true);
    for await (const [row] of again.rows("meta")) {
      expect(row?.value.length).toBe(large.length);
      expect(row?.value.every((byte, at) => byte === large[at])).toBe(true);
    }
    await again.close();
  });
}

function orderOfWriteTests(inPlace: InPlace): void {
  inPlace("makes writes that were not awaited durable in the order of the calls", async (place) => {
    const journal = await place.open();
    const settled: number[] = [];
    const writes = Array.from({ length: 50 }, (_, at) =>
      journal.write([put("key", "a", String(at)), put("key", String(at), "x")]).then(() => settled.push(at)),
    );
    await Promise.all(writes);
    expect(settled).toEqual(settled.toSorted((a, b) => a - b));
    await journal.close();
    const content = await reopened(place);
    expect(content).toContain("key a=49");
    expect(content.length).toBe(51);
  });

  inPlace("a reader may stop early", async (place) => {
    const journal = await place.open();
    await journal.write(Array.from({ length: 5000 }, (_, at) => put("key", String(at), "x")));
    for await (const batch of journal.rows("key")) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    await journal.write([put("key", "later", "x")]);
    await journal.close();
    expect((await reopened(place)).length).toBe(5001);
  });
}

function closeTests(inPlace: InPlace): void {
  inPlace("waits for writes under way before it is closed", async (place) => {
    const journal = await place.open();
    const writes = Array.from({ length: 20 }, (_, at) => journal.write([put("key", String(at).padStart(2, "0"), "x")]));
    await journal.close();
    await Promise.all(writes);
    expect((await reopened(place)).length).toBe(20);
  });

  inPlace("refuses what comes after it is closed; closing again is no fault", async (place) => {
    const journal = await place.open();
    await journal.close();
    await journal.close();
    await expect(journal.write([put("key", "a", "x")])).rejects.toThrow();
    await expect(contentOf(journal)).rejects.toThrow();
    expect(await reopened(place)).toEqual([]);
  });
}

function crashTests(inPlace: InPlace): void {
  inPlace("holds after a crash what was durable, and of the rest whole writes, from the first on", async (place) => {
    const { crash } = place;
    if (crash === undefined) return;
    const random = numbersFrom(20_260_801);
    const states: Content[] = [[]];
    let durable = 0;
    for (let round = 0; round < 12; round++) {
      const journal = await place.open();
      const rows = new Map((states.at(-1) ?? []).map((row) => split(row)));
      const writes: Promise<unknown>[] = [];
      const count = 1 + Math.floor(random() * 12);
      for (let at = 0; at < count; at++) {
        const changes = randomChanges(random);
        for (const { key, value } of changes) {
          if (value === undefined) rows.delete(text(key));
          else rows.set(text(key), text(value));
        }
        states.push([...rows].map(([key, value]) => `key ${key}=${value}`).toSorted());
        const state = states.length - 1;
        const write = journal.write(changes).then(() => {
          durable = Math.max(durable, state);
        });
        // Those that the crash overtakes are rejected, or never settle.
        write.catch(() => {});
        writes.push(write);
        if (random() < 0.3) await write;
      }
      if (random() < 0.5) await Promise.race(writes);
      await crash.call(place);
      const content = (await reopened(place)).toSorted();
      const found = states.findIndex((state, at) => at >= durable && state.join("\n") === content.join("\n"));
      expect(found, `round ${round}: ${content.length} rows, ${durable} writes durable`).toBeGreaterThanOrEqual(
        durable,
      );
      states.splice(0, states.length, content);
      durable = 0;
    }
  });

  inPlace("goes on after a crash as if it had been closed", async (place) => {
    const { crash } = place;
    if (crash === undefined) return;
    for (let round = 0; round < 5; round++) {
      const journal = await place.open();
      await journal.write([put("key", String(round), "x")]);
      await crash.call(place);
    }
    expect(await reopened(place)).toEqual([0, 1, 2, 3, 4].map((round) => `key ${round}=x`));
  });
}

/** Several rows at once, so that half a write can be told from a whole one. */
function randomChanges(random: () => number): Change[] {
  const stamp = String(random());
  const keys = ["a", "b", "c", "d", "e", "f", "g"].filter(() => random() < 0.7);
  return ["all", ...keys].map((key, at) => {
    return at > 0 && random() < 0.3 ? remove("key", key) : put("key", key, stamp);
  });
}

function split(row: string): [string, string] {
  const [key = "", value = ""] = row.slice("key ".length).split("=");
  return [key, value];
}

/** Numbers in [0, 1) that depend on the seed alone. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function reopened(place: JournalPlace): Promise<Content> {
  const journal = await place.open();
  const content = await contentOf(journal);
  await journal.close();
  return content;
}

/** Buckets in their order, rows in theirs. */
async function contentOf(journal: Journal): Promise<string[]> {
  const content: string[] = [];
  for (const bucket of BUCKETS) {
    for await (const batch of journal.rows(bucket)) {
      expect(batch.length).toBeGreaterThan(0);
      for (const { key, value } of batch) content.push(`${bucket} ${text(key)}=${text(value)}`);
    }
  }
  return content;
}

function put(bucket: Bucket, key: string, value: string): Change {
  return { bucket, key: bytes(key), value: bytes(value) };
}

function remove(bucket: Bucket, key: string): Change {
  return { bucket, key: bytes(key), value: undefined };
}

/** A character a byte. */
function bytes(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function text(value: Uint8Array): string {
  let characters = "";
  for (const byte of value) characters += String.fromCharCode(byte);
  return characters;
}
