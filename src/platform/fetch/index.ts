/**
 * etcdlite on any runtime that answers a Request with a Response: `import { … } from "etcdlite/fetch"`.
 *
 *     const store = await openStore();
 *     export default { fetch: createFetchHandler({ store }) };
 */
export { type Bucket, type Change, type Journal, JournalError, type Row } from "../../journal/index.ts";
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions, type FetchStore } from "./handler.ts";
export { type OpenStoreOptions, openStore, type Store } from "./store.ts";
