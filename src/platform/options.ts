/** What an etcd is told the same way by a server in Node and by an object at the edge; all optional, named as etcd's flags. */
export interface MemberOptions {
  /** Human-readable name of the member. Default `default`. */
  readonly name?: string;
  /** Most operations in a txn. Default 128. */
  readonly maxTxnOps?: number;
  /** Largest request, in bytes. Default 1.5 MiB. */
  readonly maxRequestBytes?: number;
  /** Default `periodic`. */
  readonly autoCompactionMode?: "periodic" | "revision";
  /** What periodic auto-compaction keeps; 0 for everything. Default 0. */
  readonly autoCompactionRetentionMs?: number;
  /** What auto-compaction by revision keeps; 0 for everything. Default 0. */
  readonly autoCompactionRetentionRevisions?: number;
  /** Between progress notifications of idle watches that asked for them. Default 10 minutes. */
  readonly watchProgressNotifyIntervalMs?: number;
  /** Least TTL of a lease: shorter ones are raised to it. Default 2, as in etcd. */
  readonly minLeaseTtlSeconds?: number;
  /** How long a simple token lasts that nobody uses. Default 300. */
  readonly authTokenTtlSeconds?: number;
  /** How much work bcrypt has with a new password: twice as much for each step from 4 to 31. Default 10. */
  readonly bcryptCost?: number;
  /** Whether there is the JSON gateway at `/v3/`. Default true. */
  readonly enableGrpcGateway?: boolean;
  /** Origins of web pages that may call; `["*"]` for all. Default: pages of this machine and the store's own. */
  readonly cors?: readonly string[];
}
