/**
 * Leases that the page keeps alive for as long as it is connected, whatever screen is open: each at a third of
 * its TTL, as etcd's clients do. A lease that the server no longer knows is let go of.
 */
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { Lease } from "../../../src/gen/etcdserverpb/lease_pb.ts";
import type { Connection } from "../store/connection.ts";
import { background } from "../store/requestlog.ts";
import { Cell } from "../ui/cell.ts";

/** Tells the TTL that the lease has from now; 0 if it is gone. */
export type KeepAliveOnce = (id: bigint) => Promise<number>;

const MIN_WAIT_MS = 500;
const RETRY_MS = 1_000;

export class Keepers {
  readonly ids = new Cell<ReadonlySet<bigint>>(new Set());
  readonly #keepAlive: KeepAliveOnce;
  readonly #timers = new Map<bigint, ReturnType<typeof setTimeout>>();
  /** Told of each answer, and of 0 when a lease is gone. */
  readonly #onAnswer: (id: bigint, ttlS: number) => void;

  constructor(keepAlive: KeepAliveOnce, onAnswer: (id: bigint, ttlS: number) => void) {
    this.#keepAlive = keepAlive;
    this.#onAnswer = onAnswer;
  }

  add(id: bigint): void {
    if (this.ids.value.has(id)) return;
    this.ids.update((ids) => new Set([...ids, id]));
    void this.#beat(id);
  }

  delete(id: bigint): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.ids.update((ids) => new Set([...ids].filter((one) => one !== id)));
  }

  close(): void {
    for (const id of this.ids.value) this.delete(id);
  }

  async #beat(id: bigint): Promise<void> {
    let waitMs = RETRY_MS;
    try {
      const ttlS = await this.#keepAlive(id);
      if (!this.ids.value.has(id)) return;
      this.#onAnswer(id, ttlS);
      if (ttlS <= 0) {
        this.delete(id);
        return;
      }
      waitMs = Math.max(MIN_WAIT_MS, (ttlS * 1000) / 3);
    } catch {
      // Not reached: it is tried again for as long as nobody says that the lease is gone.
    }
    if (this.ids.value.has(id))
      this.#timers.set(
        id,
        setTimeout(() => void this.#beat(id), waitMs),
      );
  }
}

/** etcd's stream of keep-alives as a browser can call it: one request, one answer. */
const HALF_CLOSED_KEEP_ALIVE = { ...Lease.method.leaseKeepAlive, methodKind: "server_streaming" as const };

/** By etcdlite.v1.Lease, or where there is none by etcd's own. */
export function keepAliveOnce({ clients, transport }: Pick<Connection, "clients" | "transport">): KeepAliveOnce {
  return async (id) => {
    try {
      const { TTL } = await clients.leaseKeepAlive.leaseKeepAlive({ ID: id }, { timeoutMs: 5_000 });
      return Number(TTL);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unimplemented) throw error;
      return streamedKeepAlive(transport, id);
    }
  };
}

async function streamedKeepAlive(transport: Transport, id: bigint): Promise<number> {
  const requests = (async function* () {
    yield { ID: id };
  })();
  const { message } = await transport.stream(HALF_CLOSED_KEEP_ALIVE, undefined, 5_000, undefined, requests, background);
  for await (const { TTL } of message) return Number(TTL);
  throw new ConnectError("no answer to the keep-alive", Code.Unavailable);
}
