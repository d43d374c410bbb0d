/** Deleting keys and prefixes, and taking it back. */
export { DeletionDialogs } from "./DeletionDialogs.tsx";
export type { SeenKey } from "./txns.ts";
export { type Deleting, useDeletion } from "./useDeletion.ts";
