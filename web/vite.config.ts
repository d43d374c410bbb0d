/** The page: a static site in dist/web that works from any path, and without a network after the first visit. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { pagePolicy } from "./build/policy.ts";
import { constructedStyleSheets } from "./build/style-sheets.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const SERVICE_WORKER = "sw.js";
const BASE = /node_modules\/(@connectrpc\/connect|@bufbuild\/protobuf|react|react-dom|scheduler|wouter)\//;

export default defineConfig({
  root,
  base: "./",
  plugins: [react(), constructedStyleSheets(), pagePolicy(), precache()],
  worker: { format: "es" },
  build: {
    outDir: join(root, "../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    // The colours of both themes are written with light-dark(), which these were the first to know.
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { index: join(root, "index.html"), sw: join(root, "src/sw.ts") },
      // A file that re-exports many must not bring them all to whoever wants one of them.
      treeshake: { moduleSideEffects: (id) => !/\/web\/src\/.+\.tsx?$/.test(id) },
      output: {
        // What every way to a store needs, in one file that changes seldom.
        codeSplitting: { groups: [{ name: "base", test: BASE }] },
        // Browsers know a service worker by its URL: that stays.
        entryFileNames: ({ name }) => (name === "sw" ? SERVICE_WORKER : "assets/[name]-[hash].js"),
      },
    },
  },
});

/** A page of its own, whose script is built after this; and what the browser keeps for itself. */
const APART: readonly string[] = [SERVICE_WORKER, "playground.html", "playground.css"];

/** Tells the service worker what there is to keep: all that was built, and a name that changes with any of it. */
function precache(): Plugin {
  return {
    name: "etcdlite-precache",
    apply: "build",
    writeBundle({ dir = "" }) {
      const files = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".map") && !APART.includes(entry.name))
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(dir.length + 1)
            .replaceAll("\\", "/"),
        )
        .sort();
      const hash = createHash("sha256");
      for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(dir, file)));
      const version = hash.digest("base64url").slice(0, 12);
      const path = join(dir, SERVICE_WORKER);
      const script = readFileSync(path, "utf8").replaceAll("__PRECACHE__", JSON.stringify({ version, files }));
      writeFileSync(path, script);
    },
  };
}
