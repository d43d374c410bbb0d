/**
 * Flags of etcd 3.3 to 3.6 that 3.7 refuses: command lines and images that set them are many. What is
 * experimental no more is found by its new name and not listed here.
 */
import type { FlagType } from "./flag-types.ts";

const BOOLEANS = [
  ...["enable-v2", "debug", "experimental-initial-corrupt-check", "experimental-compact-hash-check-enabled"],
  ...["experimental-enable-lease-checkpoint", "experimental-enable-lease-checkpoint-persist"],
  ...["experimental-txn-mode-write-with-shared-buffer", "experimental-stop-grpc-service-on-defrag"],
  "experimental-set-member-localaddr",
];

const VALUES = [
  ...["experimental-enable-v2v3", "experimental-wait-cluster-ready-timeout", "log-package-levels", "log-output"],
  ...["proxy", "proxy-failure-wait", "proxy-refresh-interval", "proxy-dial-timeout", "proxy-write-timeout"],
  "proxy-read-timeout",
];

export const OLD_FLAGS: readonly (readonly [FlagType, readonly string[]])[] = [
  ["bool", BOOLEANS],
  ["string", VALUES],
];
