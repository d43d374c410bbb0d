import type { Attack } from "./attack.ts";
import { BOMBS } from "./bombs.ts";
import { CROWDS } from "./crowds.ts";
import { FLOODS } from "./floods.ts";
import { SLOW } from "./slow.ts";

export const ATTACKS: readonly Attack[] = [...FLOODS, ...SLOW, ...BOMBS, ...CROWDS];

/** One by each limit, and those that have cost the others most. */
export const SAMPLE: readonly string[] = [
  "pings-too-often",
  "settings-flood",
  "continuation-flood",
  "rapid-reset",
  "hpack-bomb",
  "slow-http1-headers",
  "headers-without-end",
  "gzip-bomb-connect",
  "nested-txns",
  "nested-json-connect",
  "large-body-gateway",
  "connections",
  "streams",
  "watches-of-a-stream",
  "replies-not-read-of-all",
  "events-not-read",
  "half-bodies-gateway",
];
