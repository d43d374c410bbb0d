/** Whether a server that was started again has all that the one before had. */
import type { WatchRequest } from "../../src/gen/etcdserverpb/watch_pb.ts";
import type { Random } from "../differential/random.ts";
import { Queue } from "../rpc/support/queue.ts";
import { type Clients, EVERYTHING, text } from "./clients.ts";
import type { Faults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

interface KnownHash {
  readonly revision: number;
  readonly compactRevision: bigint;
  readonly hash: number;
}

const MAX_HASHES = 30;

export class Verifier {
  readonly #ledger: Ledger;
  readonly #timeline: Timeline;
  readonly #faults: Faults;
  readonly #random: Random;
  #hashes: KnownHash[] = [];

  constructor(ledger: Ledger, timeline: Timeline, faults: Faults, random: Random) {
    this.#ledger = ledger;
    this.#timeline = timeline;
    this.#faults = faults;
    this.#random = random;
  }

  /** Looks at everything; the watch that it begins goes on until the server is gone. */
  async verify(clients: Clients): Promise<void> {
    const { header } = await clients.kv.range({ ...EVERYTHING, countOnly: true });
    const current = Number(header?.revision ?? 0n);
    const told = Math.max(this.#ledger.newestRevision, this.#timeline.last);
    if (current < told) {
      this.#faults.lose(`the revision is ${current}, though ${told} was told`);
      return;
    }
    const compacted = Number((await clients.maintenance.hashKV({})).compactRevision);
    if (compacted < this.#ledger.compacted) {
      this.#faults.lose(`compacted to ${compacted}, though ${this.#ledger.compacted} was acknowledged`);
    }
    if (compacted > this.#ledger.compactionAsked)
      this.#faults.tear(`compacted to ${compacted}, for which nobody asked`);
    await this.#follow(clients, Math.max(1, compacted + 1), current);
    this.#timeline.forget(compacted);
    this.#checkWrites();
    await this.#checkState(clients);
    await this.#checkHashes(clients);
    await this.#checkLeases(clients);
    await this.#checkNamed(clients);
  }

  /** Asks for hashes to compare with later. */
  async askHashes({ maintenance }: Clients): Promise<void> {
    for (let count = 0; count < 3; count++) {
      const revision = this.#random.integer(Math.max(1, this.#ledger.compactionAsked), this.#timeline.last);
      const { hash, compactRevision } = await maintenance.hashKV({ revision: BigInt(revision) });
      this.#hashes.push({ revision, hash, compactRevision });
    }
    this.#hashes = this.#hashes.slice(-MAX_HASHES);
  }

  /** Settles when a watch from `start` on has come to `until`; it goes on. */
  #follow({ watch }: Clients, start: number, until: number): Promise<void> {
    const requests = new Queue<Pick<WatchRequest, "requestUnion">>();
    const create = { ...EVERYTHING, startRevision: BigInt(start) };
    requests.push({ requestUnion: { case: "createRequest", value: create } } as Pick<WatchRequest, "requestUnion">);
    return new Promise((resolve, reject) => {
      const read = async (): Promise<void> => {
        for await (const { events, canceled, cancelReason } of watch.watch(requests)) {
          if (canceled) this.#faults.lose(`a watch from ${start} on was cancelled: ${cancelReason}`);
          this.#timeline.take(events);
          if (this.#timeline.last >= until && Number(events.at(-1)?.kv?.modRevision ?? until) >= until) resolve();
        }
      };
      read().catch(reject);
    });
  }

  #checkWrites(): void {
    for (const [number, write] of this.#ledger.writes) {
      const { prefix, acknowledged } = write;
      const isThere =
        prefix === undefined ? write.seen !== undefined : this.#timeline.prefixDeletes.has(acknowledged ?? 0);
      if (acknowledged !== undefined && !isThere) {
        this.#faults.lose(`write ${number}, acknowledged as revision ${acknowledged}, is not there`);
      }
      // What is there stays where it is, which the timeline sees to; what is not there will not come any more.
      if (!isThere) write.over = true;
      else if (acknowledged !== undefined) this.#ledger.writes.delete(number);
    }
  }

  async #checkState({ kv }: Clients): Promise<void> {
    const revision = BigInt(this.#timeline.last);
    const expected = [...this.#timeline.state].map(([key, { value, lease }]) => `${key}=${value}/${lease}`).sort();
    const { kvs } = await kv.range({ ...EVERYTHING, revision });
    const found = kvs.map(({ key, value, lease }) => `${text(key)}=${text(value)}/${lease}`).sort();
    if (found.join() !== expected.join()) {
      this.#faults.tear(`at revision ${revision} there is "${found.join(", ")}" and not "${expected.join(", ")}"`);
    }
  }

  async #checkHashes({ maintenance }: Clients): Promise<void> {
    for (const known of this.#hashes) {
      const { compactRevision, revision } = known;
      if (BigInt(revision) < compactRevision || revision <= this.#ledger.compactionAsked) continue;
      const now = await maintenance.hashKV({ revision: BigInt(revision) });
      if (now.compactRevision === compactRevision && now.hash !== known.hash) {
        this.#faults.tear(`the hash of revision ${revision} was ${known.hash} and is ${now.hash}`);
      }
    }
  }

  async #checkLeases({ lease }: Clients): Promise<void> {
    const found = new Set((await lease.leaseLeases({})).leases.map(({ ID }) => ID));
    const nowMs = performance.now();
    for (const { id, sinceMs, ttlMs, revoke } of this.#ledger.leases.values()) {
      if (revoke === "acknowledged" && found.has(id)) this.#faults.lose(`the revocation of lease ${id} is not there`);
      if (revoke !== "no" || sinceMs === undefined || nowMs >= sinceMs + ttlMs) continue;
      if (!found.has(id)) this.#faults.lose(`lease ${id} of ${ttlMs} ms is not there`);
    }
    const long = [...this.#ledger.leases.values()].filter(({ ttlMs, sinceMs, revoke }) => {
      return ttlMs >= 60_000 && sinceMs !== undefined && revoke === "no";
    });
    for (const { id, sinceMs = 0, ttlMs } of this.#random.sample(long, 3)) {
      const { TTL } = await lease.leaseTimeToLive({ ID: id });
      const leastSeconds = Math.floor((sinceMs + ttlMs - performance.now()) / 1000);
      if (Number(TTL) < leastSeconds) this.#faults.lose(`lease ${id} has ${TTL} s left, not ${leastSeconds}`);
    }
  }

  async #checkNamed({ auth }: Clients): Promise<void> {
    const { users } = await auth.userList({});
    const { roles } = await auth.roleList({});
    const found = new Set([...users, ...roles]);
    for (const { name, added, removal } of this.#ledger.named) {
      if (added && removal === "no" && !found.has(name)) this.#faults.lose(`${name} is not there`);
      if (removal === "acknowledged" && found.has(name)) this.#faults.lose(`${name} is there still`);
    }
  }
}
