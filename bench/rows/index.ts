/** All rows, in the order of the table: those that leave much behind come last. */
import { ALONE_ROWS } from "../alone.ts";
import type { Row } from "../row.ts";
import { CLIENT_ROWS } from "./clients.ts";
import { HTTP_ROWS } from "./http.ts";
import { KV_ROWS } from "./kv.ts";
import { LEASE_ROWS } from "./lease.ts";
import { START_ROWS } from "./start.ts";
import { STREAM_ROWS } from "./streams.ts";

export const ROWS: readonly Row[] = [
  ...KV_ROWS,
  ...CLIENT_ROWS,
  ...LEASE_ROWS,
  ...HTTP_ROWS,
  ...STREAM_ROWS,
  ...START_ROWS,
  ...ALONE_ROWS,
];
