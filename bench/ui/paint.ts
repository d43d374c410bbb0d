/** When the page shows its largest part, on a processor four times slower. */
import type { Browser } from "playwright";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { FILL_FLAGS, fill, kvClient } from "./fill.ts";
import { type Measures, median } from "./measures.ts";
import { openMeasured, settledPage } from "./page.ts";

const ROUNDS = 5;
const KEYS = 1000;

export async function measurePaint(browser: Browser, measures: Measures): Promise<void> {
  const server = await startEtcdlite(FILL_FLAGS);
  try {
    await fill(kvClient(server.url), KEYS);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const opened = await openMeasured(browser, `${server.url}/`, {
        before: async (page) => {
          const session = await page.context().newCDPSession(page);
          await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
        },
      });
      await opened.page.getByRole("treegrid", { name: "Keys" }).locator('[role="row"][aria-level]').first().waitFor();
      await settledPage(opened.page);
      times.push(
        await opened.page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
                type: "largest-contentful-paint",
                buffered: true,
              });
            }),
        ),
      );
      await opened.close();
    }
    measures.report("lcp_4x_cpu_ms", median(times));
  } finally {
    await server.stop();
  }
}
