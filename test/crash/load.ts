/** Clients that write, renew, revoke, compact and administer until their server is gone. */
import { Code, ConnectError } from "@connectrpc/connect";
import type { RequestOp } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { Random } from "../differential/random.ts";
import { bytes, type Clients, connect } from "./clients.ts";
import type { GrantedLease, Ledger, Named, Write } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

const CONNECTIONS = 3;
const CALLS_PER_CONNECTION = 6;
const KEYS = Array.from({ length: 60 }, (_, at) => `${"abc"[at % 3]}/${at}`);
const PREFIXES = ["a/", "b/1", "c/2", "c/4"];
const TTLS_SECONDS = [2, 3, 5, 60, 600];
const MAX_LEASES = 40;
/** Refused, so it has not happened; all else may have. */
const REFUSALS: readonly Code[] = [
  Code.NotFound,
  Code.OutOfRange,
  Code.FailedPrecondition,
  Code.InvalidArgument,
  Code.AlreadyExists,
];

export class Load {
  readonly #ledger: Ledger;
  readonly #timeline: Timeline;
  readonly #random: Random;
  #stopped = false;

  constructor(ledger: Ledger, timeline: Timeline, random: Random) {
    this.#ledger = ledger;
    this.#timeline = timeline;
    this.#random = random;
  }

  /** Settles once it was stopped and the last call has ended. */
  async run(url: string): Promise<void> {
    const clients = Array.from({ length: CONNECTIONS }, () => connect(url));
    const callers = clients.flatMap((client) => Array.from({ length: CALLS_PER_CONNECTION }, () => this.#call(client)));
    await Promise.all(callers);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #call(clients: Clients): Promise<void> {
    while (!this.#stopped) {
      const call = this.#random.weighted<() => Promise<void>>([
        [30, () => this.#put(clients)],
        [25, () => this.#txn(clients)],
        [3, () => this.#deletePrefix(clients)],
        [4, () => this.#grant(clients)],
        [6, () => this.#renew(clients)],
        [2, () => this.#revoke(clients)],
        [1, () => this.#compact(clients)],
        [1, () => this.#add(clients)],
        [1, () => this.#remove(clients)],
      ]);
      try {
        await call();
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        if (!REFUSALS.includes(error.code)) return;
      }
    }
  }

  async #put({ kv }: Clients): Promise<void> {
    const [key = ""] = this.#random.sample(KEYS, 1);
    const write = this.#ledger.write({ puts: [key], lease: this.#anyLease() });
    const value = bytes(String(write.number));
    await this.#acknowledge(write, () => kv.put({ key: bytes(key), value, lease: write.lease }));
  }

  /** Several keys, some of which it deletes. */
  async #txn({ kv }: Clients): Promise<void> {
    const keys = this.#random.sample(KEYS, this.#random.integer(2, 12));
    const deletes = keys.splice(0, this.#random.integer(0, Math.floor((keys.length - 1) / 2)));
    const write = this.#ledger.write({ puts: keys, deletes, lease: this.#anyLease() });
    const value = bytes(String(write.number));
    const success = [
      ...keys.map((key) => ({ case: "requestPut" as const, value: { key: bytes(key), value, lease: write.lease } })),
      ...deletes.map((key) => ({ case: "requestDeleteRange" as const, value: { key: bytes(key) } })),
    ].map((request) => ({ request }) as Pick<RequestOp, "request">);
    await this.#acknowledge(write, () => kv.txn({ success }));
  }

  async #deletePrefix({ kv }: Clients): Promise<void> {
    const prefix = this.#random.pick(PREFIXES);
    const write = this.#ledger.write({ prefix });
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    await this.#acknowledge(write, async () => {
      const { header, deleted } = await kv.deleteRange({ key: bytes(prefix), rangeEnd: bytes(end) });
      return deleted === 0n ? undefined : { header };
    });
  }

  /** @param call its reply, undefined where there was nothing to do */
  async #acknowledge(
    write: Write,
    call: () => Promise<{ header?: { readonly revision: bigint } } | undefined>,
  ): Promise<void> {
    try {
      const reply = await call();
      if (reply === undefined) write.over = true;
      else write.acknowledged = this.#ledger.told(reply.header);
    } catch (error) {
      if (error instanceof ConnectError && REFUSALS.includes(error.code)) write.over = true;
      throw error;
    }
  }

  async #grant({ lease }: Clients): Promise<void> {
    if (this.#granted().length >= MAX_LEASES) return;
    const seconds = this.#random.pick(TTLS_SECONDS);
    const id = BigInt(this.#random.integer(1, 2 ** 40));
    const granted: GrantedLease = { id, ttlMs: seconds * 1000, sinceMs: undefined, revoke: "no" };
    this.#ledger.leases.set(id, granted);
    const sentMs = performance.now();
    const { header } = await lease.leaseGrant({ ID: id, TTL: BigInt(seconds) });
    this.#ledger.told(header);
    granted.sinceMs = sentMs;
  }

  async #renew({ lease }: Clients): Promise<void> {
    const granted = this.#pickLease();
    if (granted === undefined) return;
    const sentMs = performance.now();
    const requests = async function* () {
      yield { ID: granted.id };
    };
    for await (const { header, TTL } of lease.leaseKeepAlive(requests())) {
      this.#ledger.told(header);
      if (TTL > 0n) granted.sinceMs = Math.max(granted.sinceMs ?? 0, sentMs);
    }
  }

  async #revoke({ lease }: Clients): Promise<void> {
    const granted = this.#pickLease();
    if (granted === undefined) return;
    granted.revoke = "asked";
    const { header } = await lease.leaseRevoke({ ID: granted.id });
    this.#ledger.told(header);
    granted.revoke = "acknowledged";
  }

  /** Only what was seen, so that nothing is gone before it was looked at. */
  async #compact({ kv }: Clients): Promise<void> {
    const revision = this.#timeline.last - this.#random.integer(50, 400);
    if (revision <= this.#ledger.compactionAsked) return;
    this.#ledger.compactionAsked = revision;
    const { header } = await kv.compact({ revision: BigInt(revision) });
    this.#ledger.told(header);
    this.#ledger.compacted = Math.max(this.#ledger.compacted, revision);
  }

  async #add({ auth }: Clients): Promise<void> {
    const kind = this.#random.pick(["user", "role"] as const);
    const name = `${kind}-${this.#random.serial()}`;
    const named: Named = { kind, name, added: false, removal: "no" };
    this.#ledger.named.push(named);
    if (kind === "user") this.#ledger.told((await auth.userAdd({ name, options: { noPassword: true } })).header);
    else this.#ledger.told((await auth.roleAdd({ name })).header);
    named.added = true;
  }

  async #remove({ auth }: Clients): Promise<void> {
    const candidates = this.#ledger.named.filter(({ added, removal }) => added && removal === "no");
    if (candidates.length === 0) return;
    const named = this.#random.pick(candidates);
    named.removal = "asked";
    if (named.kind === "user") this.#ledger.told((await auth.userDelete({ name: named.name })).header);
    else this.#ledger.told((await auth.roleDelete({ role: named.name })).header);
    named.removal = "acknowledged";
  }

  /** Those that should be there. */
  #granted(): GrantedLease[] {
    const nowMs = performance.now();
    return [...this.#ledger.leases.values()].filter(({ sinceMs, ttlMs, revoke }) => {
      return revoke === "no" && sinceMs !== undefined && nowMs < sinceMs + ttlMs;
    });
  }

  #pickLease(): GrantedLease | undefined {
    const granted = this.#granted();
    return granted.length === 0 ? undefined : this.#random.pick(granted);
  }

  #anyLease(): bigint {
    return this.#random.chance(0.2) ? (this.#pickLease()?.id ?? 0n) : 0n;
  }
}
