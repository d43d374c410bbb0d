/** All scripts. */
import { atUrls, compaction, maintenance, members } from "./maintenance.ts";
import { deletes, puts } from "./writes.ts";
import { formats, gets, streams } from "./reads.ts";
import { elections, locks, mirrors } from "./concurrency.ts";
import { keepAlives, leases } from "./leases.ts";
import { liveWatches, watches, watchFormats } from "./watches.ts";
import { txnErrors, txns } from "./txns.ts";
import type { Script } from "./script.ts";

export const scripts: readonly Script[] = [
  puts,
  deletes,
  gets,
  formats,
  streams,
  txns,
  txnErrors,
  watches,
  watchFormats,
  liveWatches,
  leases,
  keepAlives,
  compaction,
  maintenance,
  members,
  atUrls,
  locks,
  elections,
  mirrors,
];
