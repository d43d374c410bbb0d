import type { HandlerContext } from "@connectrpc/connect";
import type { Etcd } from "../server/index.ts";

/** What the caller of a method may do, asked before anything is done. With auth off everyone may do everything. */
export class Access {
  readonly #etcd: Etcd;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  /** For what only root may do. @throws EtcdError `invalidAuthToken`, `userEmpty`, `permissionDenied` */
  requireAdmin(_context: HandlerContext): void {
    void this.#etcd;
  }
}
