/** Leases: granted, renewed, attached to keys, and ended by a clock that is passed in. */
export { type Lease, Lessor } from "./lessor.ts";
