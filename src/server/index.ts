/** One etcd: what its RPCs do, without the RPCs. */
export type { Caller } from "../auth/index.ts";
export type { HashSeed } from "../mvcc/index.ts";
export { type Alarm, AlarmType } from "./alarms.ts";
export type { Clock } from "./clock.ts";
export { databaseHashing, databaseRowsOf } from "./databaserows.ts";
export type { Effect, EffectSink } from "./effects.ts";
export { Etcd } from "./etcd.ts";
export type { Member } from "./memberrecord.ts";
export { DEFAULT_OPTIONS, type EtcdOptions, MAX_INDEX_BYTES, REQUEST_OVERHEAD_BYTES } from "./options.ts";
export { parsePeerUrls } from "./peerurls.ts";
export { Recorder } from "./recorder.ts";
export { Restoration, type Restored } from "./restoration.ts";
export { rowsOf } from "./rows.ts";
export { firstMetaRows, isSeed, SEED_BUCKETS, seedBucket } from "./seed.ts";
