/** All scripts. */

import { administration, enabling, jwtTokens, lasting, permissions } from "./auth.ts";
import { downgrades, learners } from "./cluster.ts";
import { elections, locks, mirrors } from "./concurrency.ts";
import { keepAlives, leases } from "./leases.ts";
import { atUrls, compaction, maintenance, members, quota } from "./maintenance.ts";
import { formats, gets, streams } from "./reads.ts";
import type { Script } from "./script.ts";
import { snapshots } from "./snapshots.ts";
import { txnErrors, txns } from "./txns.ts";
import { roles, users } from "./users.ts";
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
  quota,
  members,
  atUrls,
  locks,
  elections,
  mirrors,
  users,
  roles,
  enabling,
  permissions,
  lasting,
  administration,
  jwtTokens,
  learners,
  downgrades,
  snapshots,
];
