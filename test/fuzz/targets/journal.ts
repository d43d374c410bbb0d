/** Rows of a journal, as anybody can have written them into the file: the start refuses them, or the etcd works. */
import { BUCKETS, type Bucket, JournalError, type Row } from "../../../src/journal/index.ts";
import { etcdServices, Gateway } from "../../../src/rpc/index.ts";
import { Etcd, Restoration, type Restored } from "../../../src/server/index.ts";
import { VirtualClock } from "../../support/clock.ts";
import { ask, type StoredRow, storeSomething } from "../rows.ts";
import { refusing, type Target } from "../target.ts";

const USES = [
  ["/v3/kv/range", '{"key":"AA==","range_end":"AA=="}'],
  ["/v3/kv/put", '{"key":"L2tleS8x","value":"dg=="}'],
  ["/v3/kv/deleterange", '{"key":"AA==","range_end":"AA=="}'],
  ["/v3/lease/leases", "{}"],
  ["/v3/lease/timetolive", '{"ID":"7","keys":true}'],
  ["/v3/maintenance/hash", "{}"],
  ["/v3/auth/user/list", "{}"],
  ["/v3/cluster/member/list", "{}"],
  ["/v3/kv/compaction", '{"revision":"12"}'],
] as const;

export async function open(): Promise<Target> {
  const { rows } = await storeSomething();
  return {
    seeds: [packed(rows), ...BUCKETS.map((bucket) => packed(rows.filter((row) => row.bucket === bucket)))],
    dictionary: rows.filter(({ bucket }) => bucket === "meta").map(({ key }) => key),
    maxBytes: 16 * 1024,
    run: async (input) => {
      const restored = refusing([JournalError], () => restoredOf(unpacked(input)));
      if (restored !== undefined) await use(restored);
    },
  };
}

function restoredOf(rows: ReadonlyMap<Bucket, readonly Row[]>): Restored {
  const restoration = new Restoration();
  for (const bucket of BUCKETS) restoration.add(bucket, rows.get(bucket) ?? []);
  return restoration.finish();
}

async function use({ state, ids }: Restored): Promise<void> {
  const clock = new VirtualClock();
  const etcd = new Etcd({ clock, ...ids }, { state });
  const faults: unknown[] = [];
  const gateway = new Gateway({
    bindings: etcdServices(etcd),
    maxMessageBytes: 1024 * 1024,
    shutdownSignal: new AbortController().signal,
    onFault: (path, error) => faults.push(new Error(`a fault of ${path}`, { cause: error })),
  });
  for (const [path, body] of USES) await ask(gateway, path, body);
  clock.advance(3_600_000);
  etcd.close();
  if (faults.length > 0) throw faults[0];
}

/** A row after the other: bucket (1 byte), length of the key (1), of the value (2), key, value. */
function packed(rows: readonly StoredRow[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      rows.flatMap(({ bucket, key, value }) => [
        Uint8Array.of(BUCKETS.indexOf(bucket), key.length, value.length >> 8, value.length & 0xff),
        key,
        value,
      ]),
    ),
  );
}

/** As a database has them: in order, and one for each key. Lengths beyond the end are cut. */
function unpacked(bytes: Uint8Array): Map<Bucket, Row[]> {
  const rows = new Map<Bucket, Map<string, Row>>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [which = 0, keyLength = 0, high = 0, low = 0] = bytes.subarray(at, at + 4);
    const bucket = BUCKETS[which % BUCKETS.length] as Bucket;
    const valueAt = at + 4 + keyLength;
    const key = bytes.slice(at + 4, valueAt);
    const value = bytes.slice(valueAt, valueAt + high * 256 + low);
    at = valueAt + high * 256 + low;
    const ofBucket = rows.get(bucket) ?? new Map<string, Row>();
    rows.set(bucket, ofBucket.set(Buffer.from(key).toString("latin1"), { key, value }));
  }
  return new Map(
    [...rows].map(([bucket, ofBucket]) => [
      bucket,
      [...ofBucket].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    ]),
  );
}
