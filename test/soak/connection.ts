/** A client's connection, which is cut now and then; what was under way then may have happened or not. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Lease } from "../../src/gen/etcdserverpb/lease_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { Watch } from "../../src/gen/etcdserverpb/watch_pb.ts";

export class Connection {
  readonly kv;
  readonly lease;
  readonly watch;
  readonly maintenance;
  /** How often it was cut. */
  cuts = 0;
  /** A unary call is under way. */
  busy = false;
  readonly #sessions: Http2SessionManager;
  readonly #onCut = new Set<() => void>();

  constructor(url: string) {
    this.#sessions = new Http2SessionManager(url);
    const transport = createGrpcTransport({ baseUrl: url, sessionManager: this.#sessions });
    this.kv = createClient(KV, transport);
    this.lease = createClient(Lease, transport);
    this.watch = createClient(Watch, transport);
    this.maintenance = createClient(Maintenance, transport);
  }

  /** The next call makes a new one. */
  cut(): void {
    this.cuts++;
    this.#sessions.abort();
    for (const told of this.#onCut) told();
  }

  /** Settles once the connection is cut, or was since `cuts`. */
  async whenCut(cuts: number): Promise<void> {
    if (this.cuts !== cuts) return;
    await new Promise<void>((resolve) => {
      const told = (): void => {
        this.#onCut.delete(told);
        resolve();
      };
      this.#onCut.add(told);
    });
  }
}
