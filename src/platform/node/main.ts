#!/usr/bin/env node
import { rememberCompiled } from "./cli/compile-cache.ts";

rememberCompiled(process);
const { run } = await import("./cli/run.ts");
await run(process);
