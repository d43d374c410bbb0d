/**
 * The RPC rules in Chromium, RULES_AGAINST a store in a worker (bridge), or one by URL (service-worker): see
 * `npm run test:runtimes`.
 *
 * The workers are bundled. From source one is hundreds of files, and every test starts one.
 */
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { inPage, PAGE_DEPENDENCIES } from "../platform/browser/support/page-project.ts";
import { bundle } from "../support/bundle.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** In the site's root, so that its service worker has all of it. */
const SCRIPTS = {
  "/store-worker.js": "src/platform/browser/worker.ts",
  "/service-worker.js": "test/rpc/support/service-worker-script.ts",
};

const bundles: Plugin = {
  name: "workers as they are deployed",
  async configureServer({ middlewares }) {
    for (const [path, entry] of Object.entries(SCRIPTS)) {
      const code = await bundle(join(ROOT, entry));
      middlewares.use(path, (_request, response) => {
        response.setHeader("Content-Type", "text/javascript");
        response.end(code);
      });
    }
  },
};

const { RULES_AGAINST = "bridge", RULES_PROTOCOL = "connect" } = process.env;

export default defineConfig({
  root: ROOT,
  test: {
    projects: [
      {
        optimizeDeps: { include: PAGE_DEPENDENCIES },
        plugins: [bundles],
        test: {
          ...inPage(),
          name: RULES_AGAINST,
          // Of the command line a project does not have this one.
          expect: { poll: { timeout: 60_000 } },
          include: ["test/rpc/*.test.ts", "test/platform/browser/*.page.ts"],
          env: { RULES_AGAINST, RULES_PROTOCOL, RULES_WORKER: "/store-worker.js" },
        },
      },
    ],
  },
});
