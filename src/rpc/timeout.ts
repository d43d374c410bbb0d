/** The units of the header `grpc-timeout`; how it is read is each transport's. */
export const TIMEOUT_UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** setTimeout fires at once beyond this; 24 days are no deadline anyone waits for. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
