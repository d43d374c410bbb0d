/** All clients and watches of a run, what they are held against, and the chores that go on beside them. */
import { setTimeout as pause } from "node:timers/promises";
import { HashKVResponseSchema } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { Clients } from "../crash/clients.ts";
import { EVERYTHING } from "../crash/clients.ts";
import { Random } from "../differential/random.ts";
import { isCompacted, KEPT_REVISIONS } from "./compaction.ts";
import { Connection } from "./connection.ts";
import type { Faults } from "./faults.ts";
import { History } from "./history.ts";
import { anyWatch } from "./keys.ts";
import { checkEnds, type Held, LeaseHolder } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import { Load, type LoadClient } from "./load.ts";
import { HASH, Mirror } from "./mirror.ts";
import { WatchedStream } from "./watching.ts";

export interface SoakOptions {
  readonly url: string;
  /** Of the real etcd. */
  readonly mirror: Clients;
  readonly faults: Faults;
  readonly seed: number;
  readonly clients: number;
  readonly watches: number;
  /** Calls on keys a second, of all clients together. */
  readonly rate: number;
}

interface PlacedStream {
  readonly connection: Connection;
  readonly stream: WatchedStream;
}

/** One stream in so many is a slow one, on a connection of its own. */
const SLOW_EVERY = 10;
const TICK_MS = 20;
const CHECK_MS = 100;
const CUT_MS = 400;
const CHURN_MS = 100;
const COMPACT_MS = 10_000;
const SNAPSHOT_MS = 45_000;
/** Of a slow reader, now and then: long enough for compaction to overtake it. */
const LONG_IDLE_MS = 15_000;
/** Without any progress, at the end. */
const SETTLE_MS = 45_000;
/** Of revisions, that the other etcd may be behind: on a slow machine the load waits for it. */
const MAX_LAG = 2_000;

export class Soak {
  readonly history: History;
  readonly load: Load;
  readonly mirror: Mirror;
  readonly #options: SoakOptions;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #held: Held = new Map();
  readonly #clients: LoadClient[] = [];
  readonly #streams: PlacedStream[] = [];
  readonly #recorder: Connection;
  /** What goes on until the load is to end. */
  readonly #driving: Promise<void>[] = [];
  /** What goes on until everything is over. */
  readonly #lasting: Promise<void>[] = [];
  readonly #calls = new Set<Promise<void>>();
  #stopped = false;
  #isRecording = true;

  constructor(options: SoakOptions) {
    const { url, faults, seed } = options;
    this.#options = options;
    this.#faults = faults;
    this.#random = new Random(seed);
    this.#ledger = new Ledger(faults);
    this.history = new History(faults, this.#ledger);
    this.load = new Load(this.#ledger, this.history, faults, this.#random);
    this.mirror = new Mirror(options.mirror, this.#ledger, faults);
    this.#recorder = new Connection(url);
    this.history.onRevision = (revision) => {
      checkEnds(revision, this.#held, faults);
      this.mirror.push(revision);
    };
  }

  get messages(): number {
    return this.#streams.reduce((sum, { stream }) => sum + stream.messages, 0);
  }

  get watches(): number {
    return this.#streams.reduce((sum, { stream }) => sum + stream.watches.size, 0);
  }

  async start(): Promise<void> {
    const { url, clients, watches } = this.#options;
    const shared = { ledger: this.#ledger, faults: this.#faults, random: this.#random, held: this.#held };
    this.#lasting.push(this.#record(), this.mirror.run());
    await this.load.fill({ connection: this.#recorder });
    for (let at = 0; at < clients; at++) {
      const connection = new Connection(url);
      const leases = new LeaseHolder(shared, connection);
      this.#clients.push({ connection, leases });
      this.#lasting.push(leases.run());
      const isSlow = at % SLOW_EVERY === 0;
      const place = isSlow ? new Connection(url) : connection;
      const idleMs = isSlow ? (): number => this.#idleMs() : (): number => 0;
      const stream = new WatchedStream({ connection: place, history: this.history, faults: this.#faults, idleMs });
      this.#streams.push({ connection: place, stream });
    }
    for (let at = 0; at < watches; at++) this.#stream(at).add(anyWatch(this.#random), 0);
    for (const { stream } of this.#streams) this.#lasting.push(stream.run());
    this.#driving.push(this.#drive(), ...this.#periodic());
  }

  /** Ends the load, and settles when everything that was said has been held against everything else. */
  async finish(): Promise<void> {
    this.#stopped = true;
    for (const { leases } of this.#clients) leases.stop();
    await Promise.all(this.#driving);
    await Promise.all(this.#calls);
    await this.#settle();
    for (const { stream } of this.#streams) stream.stop();
    this.#isRecording = false;
    this.mirror.close();
    for (const { connection } of this.#streams) connection.cut();
    for (const { connection } of this.#clients) connection.cut();
    this.#recorder.cut();
    await Promise.all(this.#lasting);
    if (this.#ledger.left > 0) this.#faults.add("writes were acknowledged and never seen", this.#ledger.left);
  }

  /** Asks for the hash of all keys, now; the other etcd's is asked for when it has come to the same revision. */
  async hash(): Promise<void> {
    await this.#ledger.during(async () => {
      const reply = await this.#recorder.maintenance.hashKV({});
      this.#ledger.noted(Number(reply.header?.revision), {
        name: HASH,
        // Not by its revision: where that was compacted just now, the answer would be what the compaction has found.
        replay: ({ maintenance }) => maintenance.hashKV({}),
        expected: { schema: HashKVResponseSchema, reply },
        compactRevision: reply.compactRevision,
      });
    });
  }

  async #record(): Promise<void> {
    const createRequest = { case: "createRequest" as const, value: { ...EVERYTHING, startRevision: 2n } };
    const isOpen = (): boolean => this.#isRecording;
    const { cuts } = this.#recorder;
    const recorder = this.#recorder;
    const requests = async function* () {
      yield { requestUnion: createRequest };
      await recorder.whenCut(cuts);
    };
    try {
      for await (const { events } of this.#recorder.watch.watch(requests())) this.history.add(events);
    } catch (error) {
      if (isOpen()) this.#faults.add("the watch of everything failed", error);
    }
  }

  /** Calls of clients that have none under way, so many a second. */
  async #drive(): Promise<void> {
    let due = 0;
    let lastMs = performance.now();
    while (!this.#stopped) {
      const nowMs = performance.now();
      // What a machine under load did not get done is not made up for.
      due = Math.min(due + ((nowMs - lastMs) / 1000) * this.#options.rate, this.#options.rate / 4);
      lastMs = nowMs;
      if (this.history.last - this.mirror.applied > MAX_LAG) due = 0;
      for (let tries = 0; due >= 1 && tries < this.#clients.length; tries++) {
        const client = this.#random.pick(this.#clients);
        if (client.connection.busy) continue;
        due--;
        const call = this.load.call(client);
        this.#calls.add(call);
        call.finally(() => this.#calls.delete(call));
      }
      await pause(TICK_MS);
    }
  }

  #periodic(): Promise<void>[] {
    return [
      this.#every(CHECK_MS, () => this.#check()),
      this.#every(CUT_MS, () => this.#cutOne()),
      this.#every(CHURN_MS, () => this.#churn()),
      this.#every(COMPACT_MS, () => this.#compact()),
      this.#every(SNAPSHOT_MS, () => this.#snapshot()),
    ];
  }

  async #every(ms: number, chore: () => void | Promise<void>): Promise<void> {
    let nextMs = performance.now() + ms;
    while (!this.#stopped) {
      await pause(Math.min(ms, 200));
      if (performance.now() < nextMs) continue;
      nextMs = performance.now() + ms;
      try {
        await chore();
      } catch (error) {
        this.#faults.add("a chore failed", error);
      }
    }
  }

  #check(): void {
    const needed = new Map<string, number>();
    for (const { stream } of this.#streams) {
      stream.check();
      for (const { spec, checked } of stream.watches.values()) {
        needed.set(spec.group, Math.min(needed.get(spec.group) ?? Number.POSITIVE_INFINITY, checked));
      }
    }
    this.history.forget(needed);
  }

  /** A client goes and comes back, in the midst of whatever it does. */
  #cutOne(): void {
    if (this.#random.chance(0.1)) this.#random.pick(this.#streams).connection.cut();
    else this.#random.pick(this.#clients).connection.cut();
  }

  /** A watch ends, and another begins: now, or at a revision of the past. */
  #churn(): void {
    const { stream } = this.#random.pick(this.#streams);
    const [watch] = this.#random.sample([...stream.watches.values()], 1);
    if (watch === undefined || watch.cancelling || watch.next === 0) return;
    stream.cancel(watch);
    const past = this.history.last - this.#random.integer(0, 500);
    stream.add(anyWatch(this.#random), this.#random.chance(0.5) ? Math.max(1, past) : 0);
    if (this.#random.chance(0.3)) stream.askProgress();
  }

  async #compact(): Promise<void> {
    const revision = this.history.last - KEPT_REVISIONS;
    if (revision > 1) {
      try {
        await this.#recorder.kv.compact({ revision: BigInt(revision), physical: this.#random.chance(0.3) });
      } catch (error) {
        // The server compacts by itself too.
        if (!isCompacted(error)) throw error;
      }
    }
    await this.hash();
  }

  async #snapshot(): Promise<void> {
    let bytes = 0;
    for await (const { blob } of this.#recorder.maintenance.snapshot({})) bytes += blob.length;
    if (bytes === 0) this.#faults.add("an empty snapshot");
  }

  #stream(at: number): WatchedStream {
    return (this.#streams[at % this.#streams.length] as PlacedStream).stream;
  }

  /** Now and then long enough to be overtaken by compaction. */
  #idleMs(): number {
    if (this.#stopped) return 0;
    return this.#random.chance(0.005) ? LONG_IDLE_MS : this.#random.integer(0, 100);
  }

  /** Until all watches are where the store is, and the other etcd too. */
  async #settle(): Promise<void> {
    let untilMs = performance.now() + SETTLE_MS;
    let applied = this.mirror.applied;
    const { header } = await this.#recorder.kv.range({ key: EVERYTHING.key, countOnly: true });
    const last = Number(header?.revision ?? 0n);
    await this.hash();
    while (performance.now() < untilMs) {
      for (const { stream } of this.#streams) stream.check();
      if (this.mirror.applied > applied) untilMs = performance.now() + SETTLE_MS;
      applied = this.mirror.applied;
      if (this.history.last >= last && this.mirror.applied >= last && this.#behind(last) === 0) return;
      await pause(100);
    }
    if (this.history.last < last) this.#faults.add("the watch of everything is behind", `${this.history.last}/${last}`);
    if (this.mirror.applied < last) this.#faults.add("the other etcd is behind", `${this.mirror.applied}/${last}`);
    const behind = this.#behind(last);
    if (behind > 0) this.#faults.add("watches are behind", behind);
  }

  /** Watches that have still to get an event. */
  #behind(last: number): number {
    let count = 0;
    for (const { stream } of this.#streams) {
      for (const watch of stream.watches.values()) {
        if (watch.cancelling) continue;
        for (const change of this.history.between(watch.spec.group, watch.checked, last)) {
          if (!watch.matches(change)) continue;
          count++;
          break;
        }
      }
    }
    return count;
  }
}
