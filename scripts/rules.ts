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
  { id: "MA2", what: "Snapshot: a bbolt file in chunks and its SHA-256; an etcd can begin with one." },
  { id: "MA3", what: "Status and the small replies of Maintenance and MemberList." },
  { id: "MA4", what: "HashKV gives etcd's numbers." },
  {
    id: "AU1",
    what: "Users, roles and permissions: etcd's checks in its order, a new auth revision with each change, lists in byte order.",
  },
  {
    id: "AU2",
    what: "Auth is on only with a root in the role root, who stays so while it is; off, it forbids nothing.",
  },
  {
    id: "AU3",
    what: "Passwords are bcrypt's; a wrong user costs what a wrong password costs; a login that a change overtook is checked again.",
  },
  {
    id: "AU4",
    what: "A token is in `token` or `authorization`; a simple one lasts from use to use and ends with its user's password, a JWT at its time.",
  },
  {
    id: "AU5",
    what: "Every key that a request reads or writes must be granted, by the union of what the user's roles grant.",
  },
  {
    id: "AU6",
    what: "Leases need a user; who ends one must be able to write its keys, who is told of its keys to read them.",
  },
  { id: "AU7", what: "A watch needs the right to read its range when it is created; one that is refused is canceled." },
  { id: "AU8", what: "What administers the server is for root, its state for any user." },
  { id: "AU9", what: "Users and roles are kept in etcd's own rows; tokens are not kept." },
  { id: "CL1", what: "MemberList: the members by ID, linearizable or not, in a reply without a revision." },
  {
    id: "CL2",
    what: "Adding a member: its URLs checked and in etcd's form, its ID of them and the time, a limit of learners.",
  },
  { id: "CL3", what: "Changes that would leave no majority of started members are refused; what is left is served." },
  { id: "CL4", what: "Removing a member, whose ID is never used again; the one that runs stays." },
  { id: "CL5", what: "Updating a member's peer URLs, of which no two members have the same." },
  { id: "CL6", what: "Promoting asks for a learner that keeps up, which an added one never does." },
  { id: "CL7", what: "The leadership moves to a voting member that runs: to the one that has it." },
  { id: "CL8", what: "A change of members counts in the raft index once it is proposed." },
  { id: "CL9", what: "Downgrade: validated, enabled, cancelled; cluster and storage version follow." },
  { id: "CL10", what: "Members, removed ones and versions are rows in etcd's form, and outlast a restart." },
  { id: "LK1", what: "A lock is a key of the caller's lease, or of a new one, under its name." },
  { id: "LK2", what: "Errors of Lock have etcd's texts, and the status UNKNOWN." },
  { id: "LK3", what: "Who waits is let in in the order of asking, when the one before unlocks or loses its lease." },
  { id: "LK4", what: "A waiter that goes away takes its key back and leaves nothing behind." },
  { id: "LK5", what: "A waiter that has lost its lease is told so when its turn comes." },
  { id: "LK6", what: "What counts for a lock is every key under its name and a slash." },
  { id: "EL1", what: "Campaign: a key of the lease with the candidate's value; to campaign again keeps it." },
  { id: "EL2", what: "Errors of Election have etcd's texts, and the status UNKNOWN." },
  { id: "EL3", what: "Proclaim replaces the leader's value while it leads." },
  { id: "EL4", what: "Candidates lead one after the other; one that goes away takes its key back." },
  { id: "EL5", what: "Observe: the leader, each value that it proclaims, and each one that follows." },
  { id: "HE1", what: "gRPC health: the server as a whole is SERVING, services are not known by name." },
  { id: "HE2", what: "A health watch tells the status now and stays open." },
  { id: "HT1", what: "The JSON gateway: etcd's paths by POST, `/v3beta/` among them; what leads nowhere is its 404." },
  {
    id: "HT2",
    what: "Messages as JSON, in and out, byte for byte as etcd's gateway has them, and its words for bodies that are none.",
  },
  {
    id: "HT3",
    what: "Streams: a result or error a line while the body is open, over HTTP/1.1, HTTP/2 and WebSockets.",
  },
  {
    id: "HT4",
    what: "Errors: gRPC's code and text, HTTP's status; the headers that a call sees and that its answer has.",
  },
  { id: "HT5", what: "Health, version and metrics over HTTP." },
  { id: "TL1", what: "Over TLS all is served as in cleartext, by the HTTP version that ALPN agrees on." },
  {
    id: "TL2",
    what: "https and http stand side by side, on one address too; what is not meant for a port is refused, and said why.",
  },
  {
    id: "TL3",
    what: "With a trusted CA each client needs a certificate of it: not expired, not revoked, for an allowed name; the log says what is wrong.",
  },
  { id: "TL4", what: "A renewed certificate is shown from the next connection on." },
  {
    id: "TL5",
    what: "With client-cert-auth the common name of a client's certificate is its user, but the gateway refuses it.",
  },
  { id: "TL6", what: "auto-tls makes a certificate for where the server listens, and keeps it with the data." },
  { id: "TL7", what: "unix and unixs URLs are files; one that a dead server left is taken over." },
  { id: "CF1", what: "Every flag of etcd is taken in Go's syntax with etcd's values; what etcd refuses is refused." },
  { id: "CF2", what: "ETCD_ variables stand for flags that are not given, and must not contradict those that are." },
  { id: "CF3", what: "A config file takes the place of flags and variables, with etcd's keys, sections and types." },
  { id: "CF4", what: "Flags of older versions, and those without effect, are taken and named once." },
];
