/** A watch of thousands of events a second in the watch dock: does it get them all, and does the page stay smooth? */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { type KvClient, kvClient } from "./fill.ts";
import { type Measures, percentile } from "./measures.ts";
import { openMeasured, startFrames, stopFrames } from "./page.ts";

const EVENTS_PER_S = 5000;
const EVENTS_PER_TXN = 50;
const KEYS = 1000;
const encoder = new TextEncoder();

export async function measureWatch(browser: Browser, measures: Measures, quick: boolean): Promise<void> {
  const seconds = quick ? 10 : 60;
  const note = quick ? `seconds=${seconds}` : "";
  const server = await startEtcdlite();
  try {
    const opened = await openMeasured(browser, `${server.url}/?dock=watch`);
    const { page } = opened;
    await watchPrefix(page, "/watched/");
    await startFrames(page);
    const { sent, tookMs } = await write(kvClient(server.url), seconds);
    const received = await untilReceived(page, sent);
    const { frameMs } = await stopFrames(page);
    measures.report("watch_events_per_s", (Math.min(received, sent) / tookMs) * 1000, note);
    // A doubled event counts as well: the page says something that did not happen.
    measures.report("watch_events_lost", Math.abs(sent - received), note);
    measures.report("watch_p95_frame_ms", percentile(frameMs, 0.95), note);
    await opened.close();
  } finally {
    await server.stop();
  }
}

async function watchPrefix(page: Page, prefix: string): Promise<void> {
  await page
    .getByRole("region", { name: "Dock" })
    .getByRole("button", { name: /^(add a watch|new watch)/i })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Prefix", { exact: true }).fill(prefix);
  await dialog.getByRole("button", { name: "Watch", exact: true }).click();
  await page
    .getByRole("region", { name: /^Watch of/ })
    .getByText("live")
    .waitFor();
}

/** At an even pace: what a slow moment leaves undone is made up for in the next. */
async function write(client: KvClient, seconds: number): Promise<{ sent: number; tookMs: number }> {
  const value = encoder.encode("y".repeat(100));
  const total = EVENTS_PER_S * seconds;
  const startMs = performance.now();
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * EVENTS_PER_S));
    while (sent + EVENTS_PER_TXN <= due) {
      const first = sent;
      const keys = Array.from({ length: EVENTS_PER_TXN }, (_, at) => encoder.encode(`/watched/${(first + at) % KEYS}`));
      await client.txn({ success: keys.map((key) => ({ request: { case: "requestPut", value: { key, value } } })) });
      sent += EVENTS_PER_TXN;
    }
    await sleep(5);
  }
  return { sent, tookMs: performance.now() - startMs };
}

/** What the watch says that it has received, once that no longer grows. */
async function untilReceived(page: Page, sent: number): Promise<number> {
  let received = 0;
  for (let quiet = 0; quiet < 6 && received < sent; quiet++) {
    await sleep(500);
    const text = await page
      .getByText(/ received$/)
      .first()
      .innerText();
    const now = Number(text.replace(/\D/g, ""));
    if (now > received) quiet = 0;
    received = now;
  }
  return received;
}
