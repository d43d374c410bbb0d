/** All scripts. */

import { elections, locks, mirrors } from "./concurrency.ts";
import { keepAlives, leases } from "./leases.ts";
import { atUrls, compaction, maintenance, members } from "./maintenance.ts";
import { formats, gets, streams } from "./reads.ts";
import type { Script } from "./script.ts";
import { txnErrors, txns } from "./txns.ts";
import { liveWatches, watches, watchFormats } from "./watches.ts";
import { deletes, puts } from "./writes.ts";

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
