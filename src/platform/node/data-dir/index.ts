/** What there is to do with a data dir that is not served. */
export { checkDataDir } from "./check.ts";
export { exportDataDir } from "./export.ts";
