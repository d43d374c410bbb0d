import { etcdError } from "../errors.ts";
import { DeadlineQueue } from "./deadlines.ts";

/** etcd's bound on a TTL, in seconds (rule LE1). */
const MAX_TTL_SECONDS = 9_000_000_000;

/** Stale deadlines allowed for each lease, so that a client that renews without end costs bounded memory. */
const MAX_DEADLINES_PER_LEASE = 8;

export interface Lease {
  readonly id: bigint;
  readonly ttlSeconds: number;
  /** What was last written down of the time it has left; 0 for all of it. */
  readonly remainingSeconds: number;
}

export interface LeaseTime {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly leftSeconds: number;
  readonly keys: readonly string[];
}

interface HeldLease extends Lease {
  remainingSeconds: number;
  expiryMs: number;
  readonly keys: Set<string>;
}

/**
 * Leases, the keys attached to them, and when they end. Time comes in with each call, in milliseconds of
 * any clock that never goes back; nothing here deletes keys: the caller does, as one write.
 */
export class Lessor {
  readonly #minTtlSeconds: number;
  readonly #leases = new Map<bigint, HeldLease>();
  readonly #leaseOfKey = new Map<string, bigint>();
  readonly #deadlines = new DeadlineQueue();

  /** @param minTtlSeconds shorter TTLs are raised to it; etcd's default is 2 */
  constructor(minTtlSeconds: number) {
    this.#minTtlSeconds = minTtlSeconds;
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  /** @throws EtcdError `leaseTtlTooLarge`, `leaseExists` (rule LE1) */
  grant(id: bigint, ttlSeconds: number, nowMs: number): Lease {
    if (ttlSeconds > MAX_TTL_SECONDS) throw etcdError("leaseTtlTooLarge");
    if (this.#leases.has(id)) throw etcdError("leaseExists");
    const ttl = Math.max(ttlSeconds, this.#minTtlSeconds);
    const lease: HeldLease = { id, ttlSeconds: ttl, remainingSeconds: 0, expiryMs: 0, keys: new Set() };
    this.#leases.set(id, lease);
    this.#refresh(lease, nowMs, ttl);
    return lease;
  }

  /** Grants a lease as it was written down: with the time it had left then. @throws EtcdError as `grant` */
  restore({ id, ttlSeconds, remainingSeconds }: Lease, nowMs: number): void {
    this.grant(id, ttlSeconds, nowMs);
    const lease = this.#leases.get(id);
    if (lease === undefined || remainingSeconds <= 0 || remainingSeconds >= lease.ttlSeconds) return;
    lease.remainingSeconds = remainingSeconds;
    this.#refresh(lease, nowMs, remainingSeconds);
  }

  /**
   * Starts the lease's time anew; undefined where there is none or where it has run out (rule LE2).
   *
   * @param changed told where less than its whole time was written down, which is no longer so
   */
  renew(id: bigint, nowMs: number, changed?: (lease: Lease) => void): Lease | undefined {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.expiryMs <= nowMs) return undefined;
    this.#refresh(lease, nowMs, lease.ttlSeconds);
    if (lease.remainingSeconds !== 0) {
      lease.remainingSeconds = 0;
      changed?.(lease);
    }
    return lease;
  }

  /** Leases of longer TTLs, in any order; one that comes or goes meanwhile may be among them or not. */
  *longerThan(ttlMs: number): Generator<bigint> {
    for (const { id, ttlSeconds } of this.#leases.values()) if (ttlSeconds * 1000 > ttlMs) yield id;
  }

  /**
   * Has the time that a lease has left written down, in whole seconds, rounded up: it must not end early.
   * Undefined where that is so already.
   */
  checkpoint(id: bigint, nowMs: number): Lease | undefined {
    const lease = this.#leases.get(id);
    if (lease === undefined) return undefined;
    // One that has run out and is still there ends soon after the next start, too.
    const leftSeconds = Math.max(1, Math.ceil((lease.expiryMs - nowMs) / 1000));
    const remainingSeconds = leftSeconds >= lease.ttlSeconds ? 0 : leftSeconds;
    if (remainingSeconds === lease.remainingSeconds) return undefined;
    lease.remainingSeconds = remainingSeconds;
    return lease;
  }

  /** Whether the lease is there still but its time has run out. */
  isExpired(id: bigint, nowMs: number): boolean {
    const lease = this.#leases.get(id);
    return lease !== undefined && lease.expiryMs <= nowMs;
  }

  /** Forgets a lease; returns its keys, sorted, for the caller to delete. @throws EtcdError `leaseNotFound` */
  revoke(id: bigint): string[] {
    const lease = this.#leases.get(id);
    if (lease === undefined) throw etcdError("leaseNotFound");
    const keys = [...lease.keys].sort();
    for (const key of keys) this.#leaseOfKey.delete(key);
    this.#leases.delete(id);
    return keys;
  }

  /** Forgets a lease at once, however many keys it has: these are the caller's to detach, before others are attached. */
  forget(id: bigint): void {
    this.#leases.delete(id);
  }

  /** What LeaseTimeToLive tells: whole seconds left, rounded down, and the keys in order; undefined for no lease. */
  timeToLive(id: bigint, nowMs: number): LeaseTime | undefined {
    const lease = this.#leases.get(id);
    if (lease === undefined) return undefined;
    const leftSeconds = Math.max(0, Math.floor((lease.expiryMs - nowMs) / 1000));
    return { id, ttlSeconds: lease.ttlSeconds, leftSeconds, keys: [...lease.keys].sort() };
  }

  /** The keys attached to a lease, in any order; none where there is no such lease. */
  keysOf(id: bigint): Iterable<string> {
    return this.#leases.get(id)?.keys ?? [];
  }

  keyCount(id: bigint): number {
    return this.#leases.get(id)?.keys.size ?? 0;
  }

  /** All leases, the first to end first (rule LE4). */
  list(): Lease[] {
    return [...this.#leases.values()].sort((a, b) => a.expiryMs - b.expiryMs);
  }

  /** A key was written with a lease (0n: none) or deleted (0n); it leaves the one it had (rule LE3). */
  attach(key: string, id: bigint): void {
    const old = this.#leaseOfKey.get(key) ?? 0n;
    if (old === id) return;
    if (old !== 0n) {
      this.#leases.get(old)?.keys.delete(key);
      this.#leaseOfKey.delete(key);
    }
    if (id === 0n) return;
    this.#leases.get(id)?.keys.add(key);
    this.#leaseOfKey.set(key, id);
  }

  /** Whether any key has a lease: most stores have none, and then writes need not look. */
  get hasAttachedKeys(): boolean {
    return this.#leaseOfKey.size > 0;
  }

  /** The ID of a lease whose time has run out, undefined where there is none. */
  expired(nowMs: number): bigint | undefined {
    const deadline = this.nextDeadlineMs();
    return deadline !== undefined && deadline <= nowMs ? this.#deadlines.peek()?.id : undefined;
  }

  /** When the next lease ends, undefined where there is none. */
  nextDeadlineMs(): number | undefined {
    for (let item = this.#deadlines.peek(); item !== undefined; item = this.#deadlines.peek()) {
      if (this.#leases.get(item.id)?.expiryMs === item.deadlineMs) return item.deadlineMs;
      this.#deadlines.pop();
    }
    return undefined;
  }

  #refresh(lease: HeldLease, nowMs: number, seconds: number): void {
    lease.expiryMs = nowMs + seconds * 1000;
    if (this.#deadlines.size >= MAX_DEADLINES_PER_LEASE * this.#leases.size) this.#rebuildDeadlines();
    else this.#deadlines.push(lease.id, lease.expiryMs);
  }

  #rebuildDeadlines(): void {
    this.#deadlines.clear();
    for (const lease of this.#leases.values()) this.#deadlines.push(lease.id, lease.expiryMs);
  }
}
