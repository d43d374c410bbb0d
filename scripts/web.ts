/** Makes dist/web: the page, and the playground's web component in one file. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(root, "dist", "web", "index.html");
/** What the page is made of. */
const SOURCES = ["web", "src"];

export async function buildWeb(): Promise<void> {
  const logLevel = "warn";
  await build({ configFile: join(root, "web", "vite.config.ts"), logLevel });
  await build({ configFile: join(root, "web", "vite.playground.config.ts"), logLevel });
}

/** False where any of the page's sources has changed since it was built. */
export function webIsFresh(): boolean {
  const builtMs = statSync(PAGE, { throwIfNoEntry: false })?.mtimeMs;
  return builtMs !== undefined && SOURCES.every((folder) => newestMs(join(root, folder)) <= builtMs);
}

function newestMs(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce(
    (newest, { parentPath, name }) => Math.max(newest, statSync(join(parentPath, name)).mtimeMs),
    0,
  );
}
