import { expect, test } from "vitest";
import { openEtcd, randomSeed } from "../../src/driver/index.ts";
import { MemoryJournal, MemoryStorage } from "../../src/journal/index.ts";
import { openStore } from "../../src/platform/fetch/store.ts";
import { DEFAULT_OPTIONS } from "../../src/server/index.ts";
import { VirtualClock } from "../support/clock.ts";

test("a seed is 64 bits that nobody knows", () => {
  const seeds = Array.from({ length: 8 }, () => randomSeed());
  expect(new Set(seeds.flatMap(({ low, high }) => [low, high])).size).toBeGreaterThan(14);
});

test("each etcd that is opened hashes keys by a seed of its own, unless it is told one", async () => {
  const open = async (options: Partial<typeof DEFAULT_OPTIONS>, kept: boolean) => {
    const etcd = { clock: new VirtualClock(), ...options };
    const opened = kept
      ? await openEtcd({ options: etcd, journal: new MemoryJournal(new MemoryStorage()) })
      : await openStore({ etcd });
    await opened.close();
    return opened.etcd.options.hashSeed;
  };
  for (const kept of [true, false]) {
    const seeds = [await open({}, kept), await open(DEFAULT_OPTIONS, kept)];
    expect(seeds).not.toContain(undefined);
    expect(seeds[0]).not.toEqual(seeds[1]);
    expect(await open({ hashSeed: { low: 1, high: 2 } }, kept)).toEqual({ low: 1, high: 2 });
  }
});
