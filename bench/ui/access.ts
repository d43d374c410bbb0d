/** axe on every screen in both themes, contrast included. */
import type { Browser } from "playwright";
import { axe } from "../../test/browser/support/axe.ts";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { DETAIL_TABS, DOCK_TABS, SCREENS } from "../../web/src/app/route.ts";
import { FILL_FLAGS, fill, kvClient } from "./fill.ts";
import type { Measures } from "./measures.ts";
import { openMeasured } from "./page.ts";

const KEY = "/bench/0000/key-0000";

export async function measureAccess(browser: Browser, measures: Measures): Promise<void> {
  const server = await startEtcdlite(FILL_FLAGS);
  let violations = 0;
  try {
    await fill(kvClient(server.url), 200);
    const queries = [
      ...SCREENS.map((screen) => `?screen=${screen}`),
      ...DETAIL_TABS.map((tab) => `?key=${KEY}&tab=${tab}`),
      ...DOCK_TABS.map((dock) => `?dock=${dock}`),
      `?key=${KEY}&rev=2`,
    ];
    for (const theme of ["light", "dark"] as const) {
      for (const query of queries) {
        const { page, close } = await openMeasured(browser, `${server.url}/${query}`, { theme });
        await page.waitForLoadState("networkidle");
        const found = await axe(page);
        for (const one of found) console.error(`${theme} ${query}: ${one}`);
        violations += found.length;
        await close();
      }
    }
  } finally {
    await server.stop();
  }
  measures.report("axe_violations", violations);
}
