/**
 * `npm run dev`: the page with Vite's reload, and an etcdlite beside it that starts anew when its sources change.
 * Flags of etcdlite may follow: `npm run dev -- --listen-client-urls http://127.0.0.1:2380`.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const vite = await createServer({
  configFile: join(root, "web", "vite.config.ts"),
  server: { host: "127.0.0.1" },
  logLevel: "warn",
});
await vite.listen();
const page = vite.resolvedUrls?.local[0] ?? "";

const main = join(root, "src", "platform", "node", "main.ts");
const etcdlite = spawn(process.execPath, ["--watch", "--watch-preserve-output", main, ...process.argv.slice(2)], {
  stdio: ["ignore", "pipe", "inherit"],
});
etcdlite.stdout.on("data", (chunk: Buffer) => {
  process.stdout.write(chunk);
  const server = /etcdlite listening on (http:\/\/[^\s,]+)/.exec(chunk.toString())?.[1];
  if (server === undefined) return;
  console.log(`\n  the page on this server   ${page}?c=${encodeURIComponent(server)}`);
  console.log(`  the page on its own store ${page}?c=browser\n`);
});

let stopping = false;
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  etcdlite.kill("SIGTERM");
  await vite.close();
  process.exit(code);
}
etcdlite.on("exit", (code) => void stop(code ?? 0));
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));
