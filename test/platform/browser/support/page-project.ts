/** What projects of vitest have in common whose tests run in a page of Chromium. */
import { playwright } from "@vitest/browser-playwright";
import type { ProjectConfig } from "vitest/node";
import { chromiumOptions } from "../../../browser/support/chromium.ts";

/** What the tests import of packages: found while they run, it would have the page loaded anew under them. */
export const PAGE_DEPENDENCIES = [
  "@bufbuild/protobuf",
  "@bufbuild/protobuf/codegenv2",
  "@bufbuild/protobuf/wire",
  "@bufbuild/protobuf/wkt",
  "@connectrpc/connect",
  "@connectrpc/connect/protocol",
  "@connectrpc/connect/protocol-connect",
  "@connectrpc/connect/protocol-grpc",
  "@connectrpc/connect/protocol-grpc-web",
  "bcryptjs",
  "fast-check",
];

/** @throws Error where there is no Chromium */
export function inPage(): Pick<ProjectConfig, "setupFiles" | "browser"> {
  return {
    setupFiles: ["test/platform/browser/support/page-setup.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: chromiumOptions() }),
      instances: [{ browser: "chromium" }],
    },
  };
}
