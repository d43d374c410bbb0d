/**
 * Builds the package from nothing: src/ as JavaScript with types in dist/src, the command in one file there, the page
 * in dist/web.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleCommand } from "./bundle-command.ts";
import { buildWeb } from "./web.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));

rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [join(typescript, "bin", "tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
await bundleCommand(join(root, "dist", "src"));
chmodSync(join(root, "dist", "src", "platform", "node", "main.js"), 0o755);
await buildWeb();
