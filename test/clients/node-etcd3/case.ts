/** A case of this suite: it has a client of its own, and a prefix that no other case uses. */
import type { Etcd3 } from "etcd3";

export type Case = {
  readonly name: string;
  /** Waits for real time: runs beside the others. */
  readonly beside?: boolean;
  body(client: Etcd3, prefix: string): Promise<void>;
};
