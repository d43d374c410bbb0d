/**
 * etcd's errors: gRPC status code and exact text. Clients compare the text, so it is part of the contract.
 */

/** gRPC status codes, by their standard numbers. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

const TEXTS = {
  emptyKey: [Status.INVALID_ARGUMENT, "key is not provided"],
  keyNotFound: [Status.INVALID_ARGUMENT, "key not found"],
  valueProvided: [Status.INVALID_ARGUMENT, "value is provided"],
  leaseProvided: [Status.INVALID_ARGUMENT, "lease is provided"],
  tooManyOps: [Status.INVALID_ARGUMENT, "too many operations in txn request"],
  duplicateKey: [Status.INVALID_ARGUMENT, "duplicate key given in txn request"],
  invalidClientApiVersion: [Status.INVALID_ARGUMENT, "invalid client api version"],
  invalidSortOption: [Status.INVALID_ARGUMENT, "invalid sort option"],
  memberBadUrls: [Status.INVALID_ARGUMENT, "given member URLs are invalid"],
  requestTooLarge: [Status.INVALID_ARGUMENT, "request is too large"],
  userEmpty: [Status.INVALID_ARGUMENT, "user name is empty"],
  roleEmpty: [Status.INVALID_ARGUMENT, "role name is empty"],
  authFailed: [Status.INVALID_ARGUMENT, "authentication failed, invalid user ID or password"],
  permissionNotGiven: [Status.INVALID_ARGUMENT, "permission not given"],
  invalidAuthManagement: [Status.INVALID_ARGUMENT, "invalid auth management"],
  authOldRevision: [Status.INVALID_ARGUMENT, "revision of auth store is old"],
  wrongDowngradeVersionFormat: [Status.INVALID_ARGUMENT, "wrong downgrade target version format"],
  invalidDowngradeTargetVersion: [Status.INVALID_ARGUMENT, "invalid downgrade target version"],
  compacted: [Status.OUT_OF_RANGE, "mvcc: required revision has been compacted"],
  futureRevision: [Status.OUT_OF_RANGE, "mvcc: required revision is a future revision"],
  leaseTtlTooLarge: [Status.OUT_OF_RANGE, "too large lease TTL"],
  noSpace: [Status.RESOURCE_EXHAUSTED, "mvcc: database space exceeded"],
  tooManyRequests: [Status.RESOURCE_EXHAUSTED, "too many requests"],
  leaseNotFound: [Status.NOT_FOUND, "requested lease not found"],
  memberNotFound: [Status.NOT_FOUND, "member not found"],
  leaseExists: [Status.FAILED_PRECONDITION, "lease already exists"],
  memberExists: [Status.FAILED_PRECONDITION, "member ID already exist"],
  peerUrlExists: [Status.FAILED_PRECONDITION, "Peer URLs already exists"],
  memberNotLearner: [Status.FAILED_PRECONDITION, "can only promote a learner member"],
  learnerNotReady: [Status.FAILED_PRECONDITION, "can only promote a learner member which is in sync with leader"],
  tooManyLearners: [Status.FAILED_PRECONDITION, "too many learner members in cluster"],
  rootUserNotExist: [Status.FAILED_PRECONDITION, "root user does not exist"],
  rootRoleNotExist: [Status.FAILED_PRECONDITION, "root user does not have root role"],
  userAlreadyExists: [Status.FAILED_PRECONDITION, "user name already exists"],
  userNotFound: [Status.FAILED_PRECONDITION, "user name not found"],
  roleAlreadyExists: [Status.FAILED_PRECONDITION, "role name already exists"],
  roleNotFound: [Status.FAILED_PRECONDITION, "role name not found"],
  roleNotGranted: [Status.FAILED_PRECONDITION, "role is not granted to the user"],
  permissionNotGranted: [Status.FAILED_PRECONDITION, "permission is not granted to the role"],
  authNotEnabled: [Status.FAILED_PRECONDITION, "authentication is not enabled"],
  badLeaderTransferee: [Status.FAILED_PRECONDITION, "bad leader transferee"],
  downgradeInProgress: [Status.FAILED_PRECONDITION, "cluster has a downgrade job in progress"],
  noInflightDowngrade: [Status.FAILED_PRECONDITION, "no inflight downgrade job"],
  permissionDenied: [Status.PERMISSION_DENIED, "permission denied"],
  invalidAuthToken: [Status.UNAUTHENTICATED, "invalid auth token"],
  stopped: [Status.UNAVAILABLE, "server stopped"],
  timedOut: [Status.UNAVAILABLE, "request timed out"],
  unhealthyCluster: [Status.UNAVAILABLE, "unhealthy cluster"],
  corrupt: [Status.DATA_LOSS, "corrupt cluster"],
  // What etcd forgot to give a status.
  memberNotEnoughStarted: [Status.UNKNOWN, "re-configuration failed due to not enough started members"],
  leaderTransferTimedOut: [Status.UNKNOWN, "request timed out, leader transfer took too long"],
  unknownMethod: [Status.UNKNOWN, "unknown method"],
} as const satisfies Record<string, readonly [Status, string]>;

export type EtcdErrorName = keyof typeof TEXTS;

/** An error a client is to see: its gRPC status and its message. */
export class EtcdError extends Error {
  readonly status: Status;

  constructor(status: Status, message: string) {
    super(message);
    this.name = "EtcdError";
    this.status = status;
  }
}

/** One of etcd's own errors; its message begins with `etcdserver: `. */
export function etcdError(name: EtcdErrorName): EtcdError {
  const [status, text] = TEXTS[name];
  return new EtcdError(status, `etcdserver: ${text}`);
}
