/** Stores in workerd for the tests of RPCs (RULES_AGAINST=workerd, RULES_URL): prints its URL; SIGTERM ends it. */
import { startRuntime } from "./support/runtime.ts";

const runtime = await startRuntime();
process.once("SIGTERM", async () => {
  await runtime.close();
  process.exit(0);
});
console.log(runtime.url);
