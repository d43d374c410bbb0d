/** What checks a snapshot that comes piece by piece: for the page, which saves those of any server. */
export { SHA256_BYTES, Sha256 } from "../../snapshot/index.ts";
