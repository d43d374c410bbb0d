/**
 * Leases, some for each client: each is kept alive for a while by a stream of renewals, then revoked or left to
 * end. One that is renewed in time must not end; one that is left must.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Random } from "../differential/random.ts";
import type { Connection } from "./connection.ts";
import type { Faults } from "./faults.ts";
import type { Revision } from "./history.ts";
import { leaseOf } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { RequestStream } from "./requests.ts";

/** How late a server may be with an end. */
const GRACE_MS = 5_000;
/** A lease with less left is not used any more. */
const MARGIN_MS = 1_500;

export interface HeldLease {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly keepUntilMs: number;
  isRevoked: boolean;
  /** When the last renewal was sent that was answered, or the grant. */
  sinceMs: number;
  sentMs: number;
  /** When something was last heard of it, or the connection of a renewal was cut. */
  heardMs: number;
  /** By one that was cut: the server may read it as late as it likes, and nobody hears of it. */
  mayBeRenewed: boolean;
  keys: number;
  ending: boolean;
  /** A call that ends it was cut off. */
  mayBeOver: boolean;
}

/** IDs of their own for all clients, the same in each run. */
let nextId = 1n;

/** Leases that are held, by ID: to tell whether one has ended too early. */
export type Held = Map<bigint, HeldLease>;

export class LeaseHolder {
  readonly #connection: Connection;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #held: Held;
  #renewals: RequestStream<{ ID: bigint }> | undefined;
  /** Renewals are answered in their order. */
  #unanswered: { readonly lease: HeldLease; readonly sentMs: number }[] = [];
  #lease: HeldLease | undefined;
  #stopped = false;

  constructor(
    shared: { readonly ledger: Ledger; readonly faults: Faults; readonly random: Random; readonly held: Held },
    connection: Connection,
  ) {
    this.#connection = connection;
    this.#ledger = shared.ledger;
    this.#faults = shared.faults;
    this.#random = shared.random;
    this.#held = shared.held;
  }

  /** One that will be there for a while yet. */
  usable(): HeldLease | undefined {
    const lease = this.#lease;
    if (lease === undefined || lease.ending) return undefined;
    return performance.now() < lease.sinceMs + lease.ttlMs - MARGIN_MS ? lease : undefined;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Settles when it was stopped. */
  async run(): Promise<void> {
    const streams = this.#stream();
    while (!this.#stopped) {
      const { cuts } = this.#connection;
      try {
        await this.#step();
      } catch (error) {
        if (this.#connection.cuts === cuts && !this.#stopped) this.#failed(error);
        else if (this.#lease?.ending === true) this.#lease.mayBeOver = true;
      }
      await pause(this.#random.integer(300, 600));
    }
    this.#renewals?.end();
    await streams;
  }

  async #step(): Promise<void> {
    const lease = this.#lease;
    const nowMs = performance.now();
    if (lease === undefined) await this.#grant();
    else if (nowMs < lease.keepUntilMs) {
      if (nowMs > lease.sentMs + lease.ttlMs / 4) {
        lease.sentMs = nowMs;
        this.#unanswered.push({ lease, sentMs: nowMs });
        this.#renewals?.push({ ID: lease.id });
      }
    } else if (lease.isRevoked) {
      lease.ending = true;
      await this.#ledger.during(async () => {
        const { header } = await this.#connection.lease.leaseRevoke({ ID: lease.id });
        this.#over(lease, Number(header?.revision));
      });
    } else if (this.#unanswered.length === 0 && nowMs > lease.heardMs + lease.ttlMs + GRACE_MS) {
      lease.ending = true;
      await this.#ledger.during(async () => {
        const { TTL, header } = await this.#connection.lease.leaseTimeToLive({ ID: lease.id });
        if (TTL < 0n) {
          this.#over(lease, Number(header?.revision));
          return;
        }
        if (!lease.mayBeRenewed) this.#faults.add("a lease did not end", `${lease.id}: ${TTL} s left`);
        lease.heardMs = performance.now();
        lease.mayBeRenewed = false;
      });
    }
  }

  #failed(error: unknown): void {
    const lease = this.#lease;
    const isGone = error instanceof ConnectError && error.code === Code.NotFound;
    // Its renewals were cut off; that it is gone will be looked at.
    const mayBe = lease !== undefined && (lease.mayBeOver || performance.now() > lease.sinceMs + lease.ttlMs);
    if (isGone && mayBe) lease.isRevoked = false;
    else this.#faults.add("a call of a lease failed", error);
  }

  async #grant(): Promise<void> {
    const id = nextId++;
    const seconds = this.#random.integer(3, 6);
    const sentMs = performance.now();
    await this.#ledger.during(async () => {
      const { header } = await this.#connection.lease.leaseGrant({ ID: id, TTL: BigInt(seconds) });
      // In the other etcd none ends by itself.
      this.#ledger.noted(Number(header?.revision), {
        name: "LeaseGrant",
        replay: ({ lease }) => lease.leaseGrant({ ID: id, TTL: 1_000_000_000n }),
        expected: undefined,
      });
    });
    const keepUntilMs = sentMs + this.#random.integer(2_000, 25_000);
    const isRevoked = this.#random.chance(0.4);
    const ttlMs = seconds * 1000;
    this.#lease = {
      id,
      ttlMs,
      keepUntilMs,
      isRevoked,
      sinceMs: sentMs,
      sentMs,
      heardMs: performance.now(),
      mayBeRenewed: false,
      keys: 0,
      ending: false,
      mayBeOver: false,
    };
    this.#held.set(id, this.#lease);
  }

  /** Its keys are gone by now, so that it may go in the other etcd too. */
  #over({ id }: HeldLease, revision: number): void {
    this.#lease = undefined;
    this.#held.delete(id);
    this.#ledger.noted(revision, {
      name: "LeaseRevoke",
      replay: ({ lease }) => lease.leaseRevoke({ ID: id }),
      expected: undefined,
    });
  }

  /** Renewals, as long as the connection holds, and on the next one. */
  async #stream(): Promise<void> {
    while (!this.#stopped) {
      const { cuts } = this.#connection;
      const requests = new RequestStream<{ ID: bigint }>();
      this.#renewals = requests;
      for (const { lease } of this.#unanswered) {
        lease.heardMs = performance.now();
        lease.mayBeRenewed = true;
      }
      this.#unanswered = [];
      try {
        for await (const { ID, TTL } of this.#connection.lease.leaseKeepAlive(requests)) this.#renewed(ID, TTL);
      } catch (error) {
        if (this.#connection.cuts === cuts && !this.#stopped) {
          this.#faults.add("a stream of renewals failed", error);
          await pause(1000);
        }
      }
    }
  }

  #renewed(id: bigint, ttl: bigint): void {
    const { lease, sentMs } = this.#unanswered.shift() ?? {};
    if (lease !== undefined) lease.heardMs = performance.now();
    if (lease === undefined || sentMs === undefined || lease.id !== id) {
      this.#faults.add("an answer to no renewal", id);
    } else if (ttl * 1000n === BigInt(lease.ttlMs)) lease.sinceMs = sentMs;
    else if (!lease.ending && performance.now() < lease.sinceMs + lease.ttlMs) {
      this.#faults.add("a lease was not renewed", `TTL ${ttl}`);
    }
  }
}

/** Looks at a revision that no call has made: what ended there must have been due. */
export function checkEnds({ changes, seenMs }: Revision, held: Held, faults: Faults): void {
  for (const { key, isDelete } of changes) {
    const id = isDelete ? leaseOf(key) : undefined;
    const lease = id === undefined ? undefined : held.get(id);
    if (lease === undefined || lease.ending) continue;
    const leftMs = lease.sinceMs + lease.ttlMs - seenMs;
    if (leftMs > 0) faults.add("a lease ended early", `${id}: ${Math.round(leftMs)} ms were left`);
  }
}
