/** Users, roles, and what they may do. */
export type { Caller } from "./caller.ts";
export { passwordForNone } from "./passwordless.ts";
export type { AuthRow } from "./rows.ts";
export { AuthStore } from "./store.ts";
