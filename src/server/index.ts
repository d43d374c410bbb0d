/** One etcd: what its RPCs do, without the RPCs. */
export { type Alarm, AlarmType } from "./alarms.ts";
export type { Clock } from "./clock.ts";
export type { Effect, EffectSink } from "./effects.ts";
export { Etcd } from "./etcd.ts";
export { DEFAULT_OPTIONS, type EtcdOptions, REQUEST_OVERHEAD_BYTES } from "./options.ts";
export { Recorder } from "./recorder.ts";
export { Restoration, type Restored } from "./restoration.ts";
