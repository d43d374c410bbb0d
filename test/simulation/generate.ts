/** What clients ask for next: chosen by chance, with an eye on what is there, so that it is worth asking. */
import type { Random } from "../differential/random.ts";
import type { State } from "./model/state.ts";
import type { Profile } from "./profile.ts";
import type { CompareOp, DeleteOp, Op, PutOp, RangeOp, Request, TxnOp } from "./request.ts";
import { ROOT, USER } from "./request.ts";
import { isLargeValue, largeValue } from "./show.ts";
import type { WatchSpec } from "./watch.ts";

const LEASES = [1n, 2n, 3n, 4n, 5n];
const LOCKS = ["x", "x", "y"];
const LARGE_BYTES = 290_000;
const NOTHING: ReadonlySet<string> = new Set();

export class Generator {
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #state: () => State;
  #values = 0;

  constructor(random: Random, profile: Profile, state: () => State) {
    this.#random = random;
    this.#profile = profile;
    this.#state = state;
  }

  /** @param needsToken whether the client was told that it is nobody */
  request(needsToken: boolean): Request {
    const { hasAuth, hasLocks } = this.#profile;
    if (needsToken && this.#random.chance(0.7)) return this.#login();
    if (this.#profile.isBulk && this.#random.chance(0.5)) return this.#bulk();
    return this.#random.weighted<() => Request>([
      [22, () => this.#put(NOTHING)],
      [10, () => this.#range(true)],
      [6, () => this.#delete(NOTHING)],
      [14, () => this.#txn()],
      [2, () => ({ kind: "rangeStream", range: this.#plainRange() })],
      [3, () => ({ kind: "compact", revision: this.#pastRevision() })],
      [2, () => ({ kind: "hash", revision: this.#random.chance(0.3) ? 0 : this.#pastRevision() })],
      [16, () => this.#lease()],
      [hasLocks ? 14 : 0, () => this.#lock()],
      [hasAuth ? 6 : 0, () => this.#auth()],
    ])();
  }

  watch(): WatchSpec {
    const random = this.#random;
    return {
      ...this.#keyRange(),
      startRevision: random.chance(0.5) ? 0 : this.#pastRevision(),
      noPut: random.chance(0.1),
      noDelete: random.chance(0.1),
      prevKv: random.chance(0.4),
      progressNotify: random.chance(0.3),
      fragment: random.chance(0.4),
    };
  }

  #key(): string {
    return this.#random.pick(this.#profile.keys);
  }

  /** @param canBeLarge not in txns, which would be too large with several */
  #value(canBeLarge: boolean): string {
    const value = `v${++this.#values}`;
    const isLarge = canBeLarge && this.#profile.values === "large" && this.#random.chance(0.8);
    return isLarge ? largeValue(value, LARGE_BYTES) : value;
  }

  /** Mostly one that is there. */
  #leaseId(): bigint {
    const { leases } = this.#state();
    return leases.size > 0 && this.#random.chance(0.9)
      ? this.#random.pick([...leases.keys()])
      : this.#random.pick(LEASES);
  }

  /** One key, some, all from one on, or all. */
  #keyRange(): { key: string; end: string } {
    const random = this.#random;
    const first = this.#key();
    const kind = random.integer(0, 9);
    if (kind < 5) return { key: first, end: "" };
    if (kind < 8) {
      const second = this.#key();
      if (first === second) return { key: first, end: `${first}\0` };
      return first < second ? { key: first, end: second } : { key: second, end: first };
    }
    return kind === 8 ? { key: first, end: "\0" } : { key: "\0", end: "\0" };
  }

  /** Mostly one that can be read; now and then one that is compacted or to come. */
  #pastRevision(): number {
    const { revision, compacted } = this.#state();
    return Math.max(1, this.#random.integer(Math.max(1, compacted) - 1, revision + (this.#random.chance(0.1) ? 2 : 0)));
  }

  #plainRange(): RangeOp {
    return {
      kind: "range",
      ...this.#keyRange(),
      revision: 0,
      limit: 0,
      sortOrder: 0,
      sortTarget: 0,
      countOnly: false,
      keysOnly: false,
      minMod: 0,
      maxCreate: 0,
    };
  }

  #range(canBePast: boolean): RangeOp {
    const random = this.#random;
    const plain = this.#plainRange();
    const revision = canBePast && random.chance(0.3) ? this.#pastRevision() : 0;
    if (random.chance(0.5)) return { ...plain, revision };
    const isSorted = random.chance(0.4);
    return {
      ...plain,
      revision,
      limit: random.chance(0.4) ? random.integer(1, 3) : 0,
      sortOrder: isSorted ? random.integer(1, 2) : 0,
      sortTarget: isSorted ? random.integer(0, 4) : 0,
      countOnly: random.chance(0.15),
      keysOnly: random.chance(0.15),
      minMod: random.chance(0.15) ? this.#pastRevision() : 0,
      maxCreate: random.chance(0.15) ? this.#pastRevision() : 0,
    };
  }

  #put(taken: ReadonlySet<string>): PutOp {
    const random = this.#random;
    const free = taken.size === 0 ? this.#profile.keys : this.#profile.keys.filter((key) => !taken.has(key));
    const ignoreValue = random.chance(0.05);
    const ignoreLease = random.chance(0.05);
    return {
      kind: "put",
      key: random.pick(free),
      value: ignoreValue ? "" : this.#value(taken === NOTHING),
      lease: !ignoreLease && random.chance(0.3) ? this.#leaseId() : 0n,
      prevKv: random.chance(0.2),
      ignoreValue,
      ignoreLease,
    };
  }

  #delete(taken: ReadonlySet<string>): DeleteOp {
    const prevKv = this.#random.chance(0.3);
    if (taken.size === 0) return { kind: "delete", ...this.#keyRange(), prevKv };
    const free = this.#profile.keys.filter((key) => !taken.has(key));
    return { kind: "delete", key: this.#random.pick(free), end: "", prevKv };
  }

  #txn(): TxnOp {
    const readsOnly = this.#random.chance(0.2);
    // No key is written twice in a branch: that would be refused.
    return this.#txnOf(this.#random.chance(0.4) ? 2 : 1, readsOnly, new Set(), new Set());
  }

  /** Many rows at once, and then fewer. */
  #bulk(): Request {
    if (this.#random.chance(0.1)) return { kind: "compact", revision: this.#state().revision };
    const plain = { lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
    const success = this.#profile.keys.map((key): Op => ({ kind: "put", key, value: this.#value(false), ...plain }));
    return { kind: "txn", compare: [], success, failure: [] };
  }

  #txnOf(depth: number, readsOnly: boolean, success: Set<string>, failure: Set<string>): TxnOp {
    const random = this.#random;
    const ops = (taken: Set<string>): Op[] =>
      Array.from({ length: random.integer(0, 3) }, () => this.#op(depth, readsOnly, taken));
    const compare = Array.from({ length: random.integer(1, 2) }, () => this.#compare());
    return { kind: "txn", compare, success: ops(success), failure: ops(failure) };
  }

  #op(depth: number, readsOnly: boolean, taken: Set<string>): Op {
    const random = this.#random;
    const kind = random.integer(0, 9);
    if (depth > 1 && kind < 3) return this.#txnOf(depth - 1, readsOnly, taken, taken);
    const isFull = taken.size >= this.#profile.keys.length;
    if (readsOnly || isFull || kind < 5) return this.#range(readsOnly);
    // What is deleted cannot be put, before or after.
    const op = kind < 8 ? this.#put(taken) : this.#delete(new Set([...taken, ""]));
    taken.add(op.key);
    return op;
  }

  #compare(): CompareOp {
    const random = this.#random;
    const { revision, pairs } = this.#state();
    const range = random.chance(0.8) ? { key: this.#key(), end: "" } : this.#keyRange();
    const pair = pairs.get(range.key);
    const target = random.pick(["version", "create", "mod", "value", "lease"] as const);
    const numbers = { version: pair?.version, create: pair?.create, mod: pair?.mod, value: 0, lease: 0 };
    const isGuess = random.chance(0.3);
    return {
      ...range,
      target,
      result: random.pick(["=", "=", ">", "<", "!="] as const),
      number: isGuess ? random.integer(0, revision) : (numbers[target] ?? 0),
      value: isGuess || isLargeValue(pair?.value ?? "") ? "v" : (pair?.value ?? ""),
      lease: isGuess ? this.#leaseId() : (pair?.lease ?? 0n),
    };
  }

  #lease(): Request {
    const random = this.#random;
    const id = this.#leaseId();
    return random.weighted<Request>([
      [6, { kind: "grant", id: random.pick(LEASES), ttlSeconds: random.integer(1, 15) }],
      [2, { kind: "revoke", id }],
      [5, { kind: "keepAlive", id }],
      [2, { kind: "timeToLive", id }],
      [1, { kind: "leases" }],
    ]);
  }

  #lock(): Request {
    const kind = this.#random.chance(0.6) ? "lock" : "unlock";
    return { kind, name: this.#random.pick(LOCKS), lease: this.#leaseId() };
  }

  #login(): Request {
    return { kind: "authenticate", user: this.#random.pick([ROOT, USER]) };
  }

  #auth(): Request {
    const random = this.#random;
    // Ranges that touch and overlap, of which no two begin at one key.
    const range = random.pick([
      { key: "a", end: "c" },
      { key: "b", end: "d" },
      { key: "d", end: "" },
      { key: "\0", end: "a" },
    ]);
    return random.weighted<Request>([
      [2, this.#login()],
      [2, { kind: "authEnable" }],
      [1, { kind: "authDisable" }],
      [1, { kind: "authStatus" }],
      [2, { kind: "grantPermission", ...range }],
      [1, { kind: "revokePermission", ...range }],
    ]);
  }
}
