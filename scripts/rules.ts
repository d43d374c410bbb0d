/**
 * What etcd does, as rules: the contract that tests hold. Tests begin their names with the IDs of the rules
 * they hold (`KV8: ...`); test/SPEC.md lists which do.
 */
export interface Rule {
  readonly id: string;
  readonly what: string;
  /** The issue that is to bring it, for what is not there yet. */
  readonly later?: string;
}

export const RULES: readonly Rule[] = [
  { id: "KV1", what: "An empty key is refused, and so is a sort order or target that does not exist." },
  {
    id: "KV2",
    what: "A put may keep the value or the lease, then names none itself and needs the key to exist; requests are limited in size.",
  },
  { id: "KV3", what: "A put needs its lease to exist; it takes the key from the lease it had." },
  {
    id: "KV4",
    what: "A range is one key, an interval without its end, or every key from one on; an end before the key is empty.",
  },
  {
    id: "KV5",
    what: "Revisions begin at 1 and go up by one a change; every one from the compacted one on can be read.",
  },
  { id: "KV6", what: "A header carries the current revision, also for a read of the past, and says who answers." },
  {
    id: "KV7",
    what: "`count` is of the whole range; `more` says that the limit cut off something that passed the filters.",
  },
  {
    id: "KV8",
    what: "Key order unless sorted; a limit cuts before sorting only where neither order nor filter stands against it.",
  },
  { id: "KV9", what: "`keys_only` leaves out the value, and the lease too unless sorted by value." },
  { id: "KV10", what: "`count_only` gives the count alone." },
  {
    id: "KV11",
    what: "A delete leaves a tombstone of key and revision; the next put begins a new generation. Deleting nothing is no change.",
  },
  { id: "KV12", what: "RangeStream reads one revision in growing chunks; header, more and count come with the last." },
  {
    id: "TX1",
    what: "A txn has a limit of ops, a nested one what its parents leave it; what writes is limited in size.",
  },
  { id: "TX2", what: "An op without a request is refused." },
  { id: "TX3", what: "No key is written twice in one branch, nested txns included, in the ways etcd looks for." },
  { id: "TX4", what: "All compares are evaluated on the state before; what would fail fails before anything is done." },
  { id: "TX5", what: "Compares: a missing key counts as 0, but has no value; a range compares each of its keys." },
  {
    id: "TX6",
    what: "One revision a txn, none without a change; later ops see earlier ones; sub-headers carry the revision alone.",
  },
  { id: "TX7", what: "A range in a txn means latest by revision 0 only." },
  { id: "CO1", what: "Compaction goes forward only, and not past the current revision." },
  { id: "CO2", what: "What a reader at the compacted revision sees stays; tombstones before it go." },
  { id: "CO3", what: "Auto-compaction, by time or by number of revisions." },
  {
    id: "WA1",
    what: "Watches are of a key, an interval or all keys from one on; their IDs are given from 0 up or chosen.",
  },
  {
    id: "WA2",
    what: "One stream carries many watches, replies to creates in order, and goes on when the client half-closes it.",
  },
  { id: "WA3", what: "A create that cannot be is answered as created and canceled, with watch ID −1 and the reason." },
  { id: "WA4", what: "A watch from before the compacted revision is created, then canceled with that revision." },
  {
    id: "WA5",
    what: "Events are in order, complete, and a revision whole; history comes in bounded responses, large ones in fragments on demand.",
  },
  { id: "WA6", what: "The previous pair on demand, where it existed and is kept; filters by kind of event." },
  {
    id: "WA7",
    what: "Progress is told on demand once all watches have caught up, and from time to time to idle ones that asked.",
  },
  { id: "WA8", what: "A reader that is slow or stops costs bounded memory, loses nothing and holds up nobody." },
  { id: "LE1", what: "Granting: IDs given or chosen, taken ones refused, TTLs raised to the least one and bounded." },
  { id: "LE2", what: "Keep-alive starts the time anew; a lost lease is answered with TTL 0." },
  {
    id: "LE3",
    what: "Time to live in whole seconds and the attached keys on demand; −1 for a lost lease, whose revoke is an error.",
  },
  { id: "LE4", what: "A lease's end deletes its keys in order in one revision; leases are listed by expiry." },
  { id: "MA1", what: "The alarm NOSPACE refuses what adds, CORRUPT all that writes; the quota raises the first." },
  { id: "MA2", what: "Snapshot: a bbolt file in chunks and its SHA-256.", later: "issue 4, the whole of etcd" },
  { id: "MA3", what: "Status and the small replies of Maintenance and MemberList." },
  { id: "MA4", what: "HashKV gives etcd's numbers." },
  { id: "HT1", what: "The JSON gateway's paths.", later: "issue 4, the whole of etcd" },
  { id: "HT2", what: "The JSON gateway's forms of messages.", later: "issue 4, the whole of etcd" },
  { id: "HT3", what: "The JSON gateway's streams.", later: "issue 4, the whole of etcd" },
  { id: "HT4", what: "The JSON gateway's errors.", later: "issue 4, the whole of etcd" },
  { id: "HT5", what: "Health, version and metrics over HTTP.", later: "issue 4, the whole of etcd" },
];
