import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LeaseLeasesResponseSchema, LeaseTimeToLiveResponseSchema } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import { Keepers } from "../../../web/src/leases/keepers.ts";
import { LeaseBook } from "../../../web/src/leases/leasebook.ts";
import { leaseText, parseLease, remainingText, sorted } from "../../../web/src/leases/words.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Leases as a server has them, and how often it was asked. */
class FakeLessor {
  readonly leases = new Map<bigint, { ttlS: number; readonly keys: Uint8Array[] }>();
  failure: ConnectError | undefined;
  timeToLives = 0;

  async leaseLeases() {
    if (this.failure !== undefined) throw this.failure;
    return create(LeaseLeasesResponseSchema, { leases: [...this.leases.keys()].map((ID) => ({ ID })) });
  }

  async leaseTimeToLive({ ID = 0n }: { ID?: bigint }) {
    this.timeToLives++;
    const lease = this.leases.get(ID);
    if (lease === undefined) return create(LeaseTimeToLiveResponseSchema, { ID, TTL: -1n });
    return create(LeaseTimeToLiveResponseSchema, { ID, TTL: BigInt(lease.ttlS), grantedTTL: 60n, keys: lease.keys });
  }
}

function bookOf(lessor: FakeLessor): LeaseBook {
  return new LeaseBook(lessor as unknown as ConstructorParameters<typeof LeaseBook>[0]);
}

test("a lease whose time is over stays until the server says that it is gone", async () => {
  const lessor = new FakeLessor();
  lessor.leases.set(1n, { ttlS: 2, keys: [] });
  const book = bookOf(lessor);
  await book.refresh(100);
  const endsAtMs = book.list.value.rows.get(1n)?.endsAtMs ?? 0;
  expect(remainingText(endsAtMs - Date.now())).toBe("2 s");
  lessor.leases.set(1n, { ttlS: 0, keys: [] });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(remainingText(endsAtMs - Date.now())).toBe("ending…");
  await book.refresh(100);
  expect(book.list.value.ids).toEqual([1n]);
  lessor.leases.delete(1n);
  await book.refresh(100);
  expect(book.list.value).toMatchObject({ ids: [], rows: new Map() });
});

test("a TTL of -1 takes it out too", async () => {
  const lessor = new FakeLessor();
  lessor.leases.set(1n, { ttlS: 9, keys: [] });
  const book = bookOf(lessor);
  await book.refresh(100);
  lessor.leases.delete(1n);
  expect(await book.sync(1n)).toBeUndefined();
  expect(book.list.value.ids).toEqual([]);
});

test("the clock is set again by the server now and then, and soon at the end", async () => {
  const lessor = new FakeLessor();
  lessor.leases.set(1n, { ttlS: 100, keys: [] });
  const book = bookOf(lessor);
  await book.refresh(100);
  await book.refresh(100);
  expect(lessor.timeToLives).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  lessor.leases.set(1n, { ttlS: 5, keys: [] });
  await book.refresh(100);
  expect(lessor.timeToLives).toBe(2);
  await vi.advanceTimersByTimeAsync(5_000);
  await book.refresh(100);
  expect(lessor.timeToLives).toBe(3);
});

test("only so many are asked about, at most a few at once", async () => {
  const lessor = new FakeLessor();
  for (let id = 1n; id <= 500n; id++) lessor.leases.set(id, { ttlS: 50, keys: [] });
  const book = bookOf(lessor);
  await book.refresh(200);
  expect(lessor.timeToLives).toBe(200);
  expect(book.list.value.ids).toHaveLength(500);
});

test("a failure keeps what the server said last", async () => {
  const lessor = new FakeLessor();
  lessor.leases.set(1n, { ttlS: 9, keys: [] });
  const book = bookOf(lessor);
  await book.refresh(100);
  lessor.failure = new ConnectError("gone", Code.Unavailable);
  await book.refresh(100);
  expect(book.list.value).toMatchObject({ ids: [1n], error: { code: Code.Unavailable } });
});

test("a kept lease is refreshed at a third of its time, through failures, until it is gone", async () => {
  const beats: number[] = [];
  let answer: () => number = () => 30;
  const keepers = new Keepers(
    async () => {
      beats.push(Date.now());
      return answer();
    },
    () => undefined,
  );
  const begin = Date.now();
  keepers.add(1n);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(beats.map((at) => at - begin)).toEqual([0, 10_000, 20_000]);
  answer = () => {
    throw new ConnectError("gone", Code.Unavailable);
  };
  await vi.advanceTimersByTimeAsync(12_000);
  expect(beats.map((at) => at - begin).slice(3)).toEqual([30_000, 31_000, 32_000]);
  answer = () => 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(beats).toHaveLength(7);
  expect(keepers.ids.value.size).toBe(0);
});

test("a keeper that is taken back beats no more", async () => {
  let beats = 0;
  const keepers = new Keepers(
    async () => {
      beats++;
      return 3;
    },
    () => undefined,
  );
  keepers.add(1n);
  await vi.advanceTimersByTimeAsync(0);
  keepers.delete(1n);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(beats).toBe(1);
});

test("IDs are read and written as etcdctl does", () => {
  expect(leaseText(0x694d7b1c2a3f8e05n)).toBe("694d7b1c2a3f8e05");
  expect(parseLease("694D7b1c")).toBe(0x694d7b1cn);
  expect(["", "0", "xyz", "8000000000000000", "12345678901234567"].map(parseLease)).toEqual(Array(5).fill(undefined));
  expect(parseLease("7fffffffffffffff")).toBe((1n << 63n) - 1n);
});

test("times are told as long as they are", () => {
  expect([500, 59_000, 185_000, 7_800_000, 1_051_200_000].map(remainingText)).toEqual([
    "1 s",
    "59 s",
    "3 min 05 s",
    "2 h 10 min",
    "12 d 4 h",
  ]);
});

test("leases are sorted by any column, those not known yet last", () => {
  const row = (id: bigint, endsAtMs: number, keys: number) =>
    [id, { id, grantedTtlS: 60, endsAtMs, keys: Array(keys).fill(new Uint8Array()), syncedAtMs: 0 }] as const;
  const rows = new Map([row(1n, 30, 2), row(2n, 10, 0), row(3n, 20, 5)]);
  const ids = [4n, 1n, 2n, 3n];
  expect(sorted(ids, rows, "id", false)).toEqual([1n, 2n, 3n, 4n]);
  expect(sorted(ids, rows, "remaining", false)).toEqual([2n, 3n, 1n, 4n]);
  expect(sorted(ids, rows, "keys", true)).toEqual([3n, 1n, 2n, 4n]);
  expect(sorted(ids, rows, "granted", false)).toEqual([1n, 2n, 3n, 4n]);
});
