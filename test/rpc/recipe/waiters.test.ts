/** That waiting for locks is fair and leaves nothing behind, whoever comes, goes and loses its lease. */
import { expect } from "vitest";
import { fc } from "../../support/property.ts";
import { bytes, text } from "../support/show.ts";
import { inProcess, type LocalTarget, localTarget } from "../support/target.ts";
import { Waiting } from "../support/waiters.ts";

const LEASES = [1, 2, 3, 4] as const;

type Step = { readonly kind: "lock" | "leave" | "unlock" | "revoke"; readonly lease: number };

/** What a caller has asked for, as the model has it: the keys before a waiter's are what it waits for. */
interface Caller {
  readonly call: Waiting<string>;
  before: number[];
  isLost: boolean;
}

/** The queue as it should be, beside the one there is. */
class Model {
  readonly target: LocalTarget;
  /** Leases whose keys there are, the oldest first. */
  queue: number[] = [];
  readonly callers = new Map<number, Caller>();

  constructor(target: LocalTarget) {
    this.target = target;
  }

  async apply({ kind, lease }: Step): Promise<void> {
    const caller = this.callers.get(lease);
    if (kind === "lock" && caller === undefined) this.#lock(lease);
    else if (kind === "leave" && caller !== undefined && caller.before.length > 0) this.#leave(lease, caller);
    else if (kind === "unlock" && caller?.before.length === 0) await this.#unlock(lease);
    else if (kind === "revoke") await this.#revoke(lease, caller);
    await settled();
  }

  /** Every call is as far as it should be; those that have failed are forgotten. */
  async check(): Promise<void> {
    for (const [lease, { call, before, isLost }] of this.callers) {
      expect([lease, call.isOver]).toEqual([lease, before.length === 0]);
      if (before.length > 0) continue;
      const outcome = await call.outcome.catch((error: Error) => error.message);
      expect(outcome).toBe(isLost ? "mutex: session is expired" : `l/${lease}`);
      if (isLost) this.callers.delete(lease);
    }
    const { kvs } = await this.target.kv.range({
      key: bytes("l/"),
      rangeEnd: bytes("l0"),
      sortTarget: 2,
      sortOrder: 1,
    });
    expect(kvs.map(({ key }) => text(key))).toEqual(this.queue.map((lease) => `l/${lease}`));
  }

  #lock(lease: number): void {
    const call = new Waiting(async (options) => {
      return text((await this.target.lock.lock({ name: bytes("l"), lease: BigInt(lease) }, options)).key);
    });
    this.callers.set(lease, { call, before: [...this.queue], isLost: false });
    this.queue.push(lease);
  }

  #leave(lease: number, { call, isLost }: Caller): void {
    call.leave();
    this.callers.delete(lease);
    if (!isLost) this.#gone(lease);
  }

  async #unlock(lease: number): Promise<void> {
    await this.target.lock.unlock({ key: bytes(`l/${lease}`) });
    this.callers.delete(lease);
    this.#gone(lease);
  }

  async #revoke(lease: number, caller: Caller | undefined): Promise<void> {
    await this.target.lease.leaseRevoke({ ID: BigInt(lease) });
    await this.target.lease.leaseGrant({ ID: BigInt(lease), TTL: 600n });
    if (caller === undefined || caller.isLost) return;
    if (caller.before.length === 0) this.callers.delete(lease);
    else caller.isLost = true;
    this.#gone(lease);
  }

  #gone(lease: number): void {
    this.queue = this.queue.filter((other) => other !== lease);
    for (const caller of this.callers.values()) caller.before = caller.before.filter((other) => other !== lease);
  }
}

/** All that can go on without anything new has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("lock", "lock", "leave", "unlock", "revoke"),
  lease: fc.constantFrom(...LEASES),
});

inProcess(
  "LK3, LK4, LK5: callers that lock, unlock, leave and lose leases in any order, and no watch is left",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const target = localTarget();
        for (const lease of LEASES) await target.lease.leaseGrant({ ID: BigInt(lease), TTL: 600n });
        const timers = target.clock.pending;
        const model = new Model(target);
        for (const one of steps) {
          await model.apply(one);
          await model.check();
        }
        for (const { call } of model.callers.values()) call.leave();
        await settled();
        expect([target.etcd.watchers, target.clock.pending]).toEqual([0, timers]);
      }),
      { numRuns: 60 },
    );
  },
);

inProcess("EL4, EL5, HE2: candidates and observers that go away leave no watch and no timer", async () => {
  const target = localTarget();
  await target.lease.leaseGrant({ ID: 1n, TTL: 600n });
  await target.lease.leaseGrant({ ID: 2n, TTL: 600n });
  const timers = target.clock.pending;
  await target.election.campaign({ name: bytes("e"), lease: 1n });
  const abort = new AbortController();
  const { signal } = abort;
  const calls = [
    target.election.campaign({ name: bytes("e"), lease: 2n }, { signal }),
    drained(target.election.observe({ name: bytes("e") }, { signal })),
    drained(target.election.observe({ name: bytes("nobody") }, { signal })),
    drained(target.health.watch({}, { signal })),
  ].map((call) => call.then(String, () => "gone"));
  await settled();
  expect(target.etcd.watchers).toBe(3);
  abort.abort();
  expect(await Promise.all(calls)).toEqual(["gone", "gone", "gone", "gone"]);
  await settled();
  expect([target.etcd.watchers, target.clock.pending]).toEqual([0, timers]);
});

async function drained(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}
