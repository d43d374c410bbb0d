/**
 * Watches on one stream, held against history: each message must have exactly the changes that history has from the
 * last one to its own, and each change once. When the stream is cut they are resumed; a slow one takes its time.
 */
import { setTimeout as pause } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import {
  type WatchCreateRequest_FilterType,
  type WatchRequest,
  WatchRequestSchema,
  type WatchResponse,
} from "../../src/gen/etcdserverpb/watch_pb.ts";
import { bytes } from "../crash/clients.ts";
import type { Connection } from "./connection.ts";
import type { Faults } from "./faults.ts";
import { ALL, type Change, changeOf, type History, isSame } from "./history.ts";
import { RequestStream } from "./requests.ts";

export interface WatchSpec {
  readonly group: string;
  readonly key: string;
  /** Undefined for one key. */
  readonly rangeEnd: string | undefined;
  readonly filters: readonly WatchCreateRequest_FilterType[];
  readonly prevKv: boolean;
  readonly progressNotify: boolean;
}

/** A message that history has not come to yet. */
interface Received {
  readonly through: number;
  /** Undefined where compaction took what was there. */
  readonly changes: readonly Change[] | undefined;
}

export class Watch {
  readonly id: bigint;
  readonly spec: WatchSpec;
  /** The first revision that is still to be received, 0 for what is next. */
  next: number;
  /** The first revision that is still to be held against history. */
  checked: number;
  cancelling = false;
  /** The server has said so on the stream there is now, and nothing else since. */
  isCreated = false;
  readonly #inbox: Received[] = [];
  #fragments: Change[] = [];

  constructor(id: bigint, spec: WatchSpec, next: number) {
    this.id = id;
    this.spec = spec;
    this.next = next;
    this.checked = next;
  }

  /** What came is what history has. */
  check(history: History, faults: Faults): void {
    for (let first = this.#inbox[0]; first !== undefined; first = this.#inbox[0]) {
      if (first.through > history.last) return;
      if (first.changes !== undefined) this.#compare(first.changes, first.through, history, faults);
      this.checked = Math.max(this.checked, first.through + 1);
      this.#inbox.shift();
    }
  }

  /** What is left of a stream that is over is asked for again. */
  resume(): void {
    this.isCreated = false;
    this.#fragments = [];
  }

  receive(message: WatchResponse, faults: Faults): void {
    const changes = message.events.map(changeOf);
    if (message.events.some(({ prevKv }) => prevKv !== undefined) && !this.spec.prevKv)
      faults.add("a previous pair that was not asked for");
    const first = changes[0]?.revision ?? this.next;
    if (first < this.next) faults.add("a watch got an event twice, or out of order", `${first} before ${this.next}`);
    this.#fragments.push(...changes);
    if (message.fragment) return;
    const through = changes.at(-1)?.revision ?? Number(message.header?.revision ?? 0n);
    this.#push(through, this.#fragments);
    this.#fragments = [];
  }

  /** What was before is gone. */
  compacted(revision: number): void {
    this.#push(revision - 1, undefined);
  }

  matches({ key, isDelete }: Change): boolean {
    const { spec } = this;
    if (spec.filters.includes(isDelete ? 1 : 0)) return false;
    if (spec.group === ALL) return true;
    return spec.rangeEnd === undefined ? key === spec.key : key >= spec.key && key < spec.rangeEnd;
  }

  #push(through: number, changes: readonly Change[] | undefined): void {
    if (through < this.next) return;
    this.#inbox.push({ through, changes });
    this.next = through + 1;
  }

  #compare(changes: readonly Change[], through: number, history: History, faults: Faults): void {
    let at = 0;
    for (const expected of history.between(this.spec.group, this.checked, through)) {
      if (!this.matches(expected)) continue;
      const got = changes[at++];
      if (got === undefined || !isSame(got, expected)) {
        const place = `from ${this.checked} through ${through}, ${JSON.stringify(this.spec)}`;
        const other = got === undefined ? "nothing" : `${got.key} at ${got.revision}`;
        faults.add("a watch missed an event", `${expected.key} at ${expected.revision}, got ${other}, ${place}`);
        return;
      }
    }
    if (at < changes.length) faults.add("a watch got an event that is not its own", changes[at]?.key);
  }
}

export interface WatchingOptions {
  readonly connection: Connection;
  readonly history: History;
  readonly faults: Faults;
  /** After each message. */
  readonly idleMs: () => number;
}

export class WatchedStream {
  readonly watches = new Map<bigint, Watch>();
  messages = 0;
  readonly #options: WatchingOptions;
  #requests: RequestStream<WatchRequest> | undefined;
  #nextId = 1n;
  #stopped = false;

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  /** @param from the first revision that is wanted, 0 for what is next */
  add(spec: WatchSpec, from: number): void {
    const watch = new Watch(this.#nextId++, spec, from);
    this.watches.set(watch.id, watch);
    this.#create(watch);
  }

  cancel(watch: Watch): void {
    watch.cancelling = true;
    this.#requests?.push(
      create(WatchRequestSchema, { requestUnion: { case: "cancelRequest", value: { watchId: watch.id } } }),
    );
  }

  /** Asks how far the stream is. */
  askProgress(): void {
    this.#requests?.push(create(WatchRequestSchema, { requestUnion: { case: "progressRequest", value: {} } }));
  }

  check(): void {
    for (const watch of this.watches.values()) watch.check(this.#options.history, this.#options.faults);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Settles when it was stopped and its connection cut. */
  async run(): Promise<void> {
    const { connection, faults } = this.#options;
    while (!this.#stopped) {
      const { cuts } = connection;
      try {
        await this.#live();
        if (!this.#stopped) faults.add("a watch stream ended");
      } catch (error) {
        if (connection.cuts === cuts && !this.#stopped) {
          faults.add("a watch stream failed", error);
          await pause(1000);
        }
      }
    }
  }

  async #live(): Promise<void> {
    const { connection, idleMs } = this.#options;
    const requests = new RequestStream<WatchRequest>();
    this.#requests = requests;
    for (const watch of this.watches.values()) {
      // Its cancel may not have been heard.
      if (watch.cancelling) this.watches.delete(watch.id);
      else {
        watch.resume();
        this.#create(watch);
      }
    }
    try {
      for await (const message of connection.watch.watch(requests)) {
        this.messages++;
        this.#receive(message);
        const ms = idleMs();
        if (ms > 0) await pause(ms);
      }
    } finally {
      requests.end();
    }
  }

  #create({ id, spec, next }: Watch): void {
    const { key, rangeEnd, filters, prevKv, progressNotify } = spec;
    const value = {
      ...{ watchId: id, key: bytes(key), rangeEnd: bytes(rangeEnd ?? ""), startRevision: BigInt(next) },
      ...{ filters: [...filters], prevKv, progressNotify },
    };
    this.#requests?.push(create(WatchRequestSchema, { requestUnion: { case: "createRequest", value } }));
  }

  #receive(message: WatchResponse): void {
    const { history, faults } = this.#options;
    if (message.watchId < 0n) {
      for (const watch of this.watches.values()) if (watch.isCreated) watch.receive(message, faults);
      return;
    }
    const watch = this.watches.get(message.watchId);
    if (watch === undefined) {
      faults.add("a message of a watch that was canceled", message.watchId);
      return;
    }
    if (message.created) this.#created(watch, message);
    else if (message.canceled) this.#canceled(watch, message);
    else watch.receive(message, faults);
    watch.check(history, faults);
  }

  #created(watch: Watch, { header, canceled, cancelReason }: WatchResponse): void {
    if (canceled) this.#options.faults.add("a watch was refused", cancelReason);
    watch.isCreated = true;
    if (watch.next > 0) return;
    watch.next = Number(header?.revision ?? 0n) + 1;
    watch.checked = watch.next;
  }

  #canceled(watch: Watch, { compactRevision, cancelReason }: WatchResponse): void {
    const compacted = Number(compactRevision);
    if (compacted > watch.next) {
      watch.compacted(compacted);
      watch.isCreated = false;
      if (watch.cancelling) return;
      // The ID of a watch that compaction ended stays taken until it is canceled.
      this.add(watch.spec, compacted);
      this.cancel(watch);
      return;
    }
    if (watch.cancelling) this.watches.delete(watch.id);
    else this.#options.faults.add("a watch was canceled", cancelReason);
  }
}
