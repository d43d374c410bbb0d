#!/usr/bin/env node
import { rememberCompiled } from "./cli/compile-cache.ts";
import { startAhead } from "./journal/start-thread.ts";

rememberCompiled(process);
// Flags are not read yet: where this is wrong, a thread is started in vain, or later.
if (process.argv.some((arg) => /^--?data-dir/.test(arg)) || process.env.ETCD_DATA_DIR) startAhead();
const { run } = await import("./cli/run.ts");
await run(process);
