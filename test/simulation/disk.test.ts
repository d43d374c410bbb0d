import { expect, test } from "vitest";
import type { Change } from "../../src/journal/index.ts";
import { Random } from "../differential/random.ts";
import { journalContract } from "../journal/contract.ts";
import { type DiskOptions, type Fault, SimulatedDisk } from "./disk.ts";

/** Steps the disk while it has something to do, with turns for others in between. */
function keepStepping(disk: SimulatedDisk): () => void {
  let going = true;
  const step = (): void => {
    if (!going) return;
    disk.step();
    setImmediate(step);
  };
  step();
  return () => {
    going = false;
  };
}

for (const seed of [1, 2, 3]) {
  journalContract(`simulated, seed ${seed}`, async () => {
    const random = new Random(seed);
    const disk = new SimulatedDisk(random);
    const stop = keepStepping(disk);
    return {
      open: async () => disk.open(),
      crash: async () => disk.crash(random.pick(["power", "process"])),
      dispose: async () => stop(),
    };
  });
}

function put(key: string, value: string): Change {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
  return { bucket: "key", key: bytes(key), value: bytes(value) };
}

function contentOf(disk: SimulatedDisk): string[] {
  return disk.rowsOf("key").map(({ key, value }) => `${String.fromCharCode(...key)}=${String.fromCharCode(...value)}`);
}

test.each<Fault>(["write", "sync", "full"])(
  "after a failed %s nothing more is taken until it is opened anew",
  async (fault) => {
    const disk = new SimulatedDisk(new Random(7));
    const journal = disk.open();
    const first = journal.write([put("a", "1")]);
    while (disk.step());
    await first;
    disk.fail(fault);
    const second = journal.write([put("b", "1")]).catch((error: Error) => error.message);
    const third = journal.write([put("c", "1")]).catch((error: Error) => error.message);
    while (disk.step());
    expect(await second).toMatch(/^E(IO|NOSPC)/);
    expect(await third).toMatch(/^E(IO|NOSPC)/);
    await expect(journal.write([put("d", "1")])).rejects.toThrow(/^E(IO|NOSPC)/);
    await journal.close();
    expect(contentOf(disk)).toEqual(["a=1"]);
    const again = disk.open();
    expect(contentOf(disk)[0]).toBe("a=1");
    expect(contentOf(disk)).not.toContain("d=1");
    const later = again.write([put("e", "1")]);
    while (disk.step());
    await later;
    expect(contentOf(disk).at(-1)).toBe("e=1");
  },
);

/** What is there after crashes in the middle of a write of two rows, of many disks. */
function leftByCrashes(options: DiskOptions): Set<string> {
  const left = new Set<string>();
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const disk = new SimulatedDisk(random, options);
    void disk.open().write([put("a", "12"), put("b", "12")]);
    if (random.chance(0.5)) disk.step();
    disk.crash(random.pick(["power", "process"]));
    left.add(contentOf(disk).join(" "));
  }
  return left;
}

test("a crash leaves a write whole or not at all, both of which happen", () => {
  expect([...leftByCrashes({})].sort()).toEqual(["", "a=12 b=12"]);
});

test("a journal that looks at no checksums or counts can be told from one that does", () => {
  const parts = leftByCrashes({ flaw: "takesPartsOfWrites" });
  expect([...parts]).toEqual(expect.arrayContaining(["", "a=12", "b=12", "a=12 b=12"]));
  expect([...leftByCrashes({ flaw: "takesTornPages" })]).toEqual(expect.arrayContaining(["a=1 b=12", "a=12 b=1"]));
});
