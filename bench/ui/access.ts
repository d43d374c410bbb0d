/** axe on every screen and dialog in both themes, contrast included. */

import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Browser } from "playwright";
import { axe } from "../../test/browser/support/axe.ts";
import { fillForViews, VIEWS, viewIsThere } from "../../test/browser/support/views.ts";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { clientsOf } from "../../web/src/store/clients.ts";
import type { Measures } from "./measures.ts";
import { openMeasured } from "./page.ts";

export async function measureAccess(browser: Browser, measures: Measures): Promise<void> {
  const server = await startEtcdlite();
  let violations = 0;
  try {
    await fillForViews(clientsOf(createGrpcTransport({ baseUrl: server.url })));
    for (const theme of ["light", "dark"] as const) {
      const { page, close } = await openMeasured(browser, `${server.url}/`, { theme });
      for (const { name, query, open } of VIEWS) {
        await page.goto(`${server.url}/${query}`);
        await viewIsThere(page);
        await open?.(page);
        await viewIsThere(page);
        const found = await axe(page);
        for (const one of found) console.error(`${theme} ${name}: ${one}`);
        violations += found.length;
      }
      await close();
    }
  } finally {
    await server.stop();
  }
  measures.report("axe_violations", violations);
}
