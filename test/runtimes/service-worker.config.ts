/** The RPC rules in Chromium, by a service worker: `npm run test:runtimes -- service-worker`. */
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumOptions } from "../browser/support/chromium.ts";
import { PAGE_DEPENDENCIES } from "../platform/browser/support/dependencies.ts";

/** Its script is in a folder of its own, and serves the whole site. */
const wholeSite = {
  name: "service worker for the whole site",
  configureServer: ({ middlewares }: { middlewares: { use(middleware: Middleware): void } }) => {
    middlewares.use((_request, response, next) => {
      response.setHeader("Service-Worker-Allowed", "/");
      next();
    });
  },
};
type Middleware = (
  request: unknown,
  response: { setHeader(name: string, value: string): void },
  next: () => void,
) => void;

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  test: {
    projects: [
      {
        optimizeDeps: { include: PAGE_DEPENDENCIES },
        plugins: [wholeSite],
        test: {
          name: "service-worker",
          testTimeout: 30_000,
          setupFiles: ["test/platform/browser/support/page-setup.ts"],
          env: { RULES_AGAINST: "service-worker", RULES_PROTOCOL: process.env.RULES_PROTOCOL ?? "connect" },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumOptions() }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
