/** The key list over a million keys: scrolling through all of them, opening folders, and what the page then holds. */
import type { Browser, Page } from "playwright";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { FILL_FLAGS, fill, kvClient } from "./fill.ts";
import { type Measures, median, percentile } from "./measures.ts";
import { heapMb, openMeasured, startFrames, stopFrames } from "./page.ts";

const SCROLL_MS = 12_000;
const FOLDERS_OPENED = 12;

export async function measureKeys(browser: Browser, measures: Measures, quick: boolean): Promise<void> {
  const count = quick ? 100_000 : 1_000_000;
  const note = quick ? `keys=${count}` : "";
  const server = await startEtcdlite(FILL_FLAGS);
  try {
    const lastKey = await fill(kvClient(server.url), count);
    const flat = await openMeasured(browser, `${server.url}/`, { preferences: { listMode: "flat" } });
    await flat.page.getByRole("treegrid", { name: "Keys" }).getByRole("row").nth(3).waitFor();
    await startFrames(flat.page);
    await scrollThrough(flat.page, SCROLL_MS);
    const { frameMs, longTasks } = await stopFrames(flat.page);
    measures.report("scroll_1m_p95_frame_ms", percentile(frameMs, 0.95), note);
    measures.report("scroll_1m_long_tasks", longTasks, note);
    measures.report("scroll_1m_last_key_reached", (await isSeen(flat.page, lastKey)) ? 1 : 0, note);
    const flatHeapMb = await heapMb(flat);
    await flat.close();

    const tree = await openMeasured(browser, `${server.url}/`, { preferences: { listMode: "tree" } });
    measures.report("open_folder_1m_ms", median(await openFolders(tree.page)), note);
    measures.report("ui_heap_mb", Math.max(flatHeapMb, await heapMb(tree)), note);
    await tree.close();
  } finally {
    await server.stop();
  }
}

/** From the first key to the last at an even pace, a step each frame. */
async function scrollThrough(page: Page, durationMs: number): Promise<void> {
  await page.evaluate(async (forMs) => {
    const grid = document.querySelector('[role="treegrid"]');
    const scrolls = (one: Element): boolean => one.scrollHeight > one.clientHeight + 100;
    const list = [grid, ...(grid?.querySelectorAll("*") ?? [])].find((one) => one !== null && scrolls(one));
    if (list === undefined || list === null) throw new Error("the key list does not scroll");
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      const step = (nowMs: number): void => {
        const share = Math.min(1, (nowMs - startMs) / forMs);
        list.scrollTop = share * (list.scrollHeight - list.clientHeight);
        if (share < 1) requestAnimationFrame(step);
        else resolve();
      };
      requestAnimationFrame(step);
    });
  }, durationMs);
}

async function isSeen(page: Page, key: string): Promise<boolean> {
  const row = page.getByRole("row").filter({ hasText: key.slice(key.lastIndexOf("/") + 1) });
  try {
    await row.last().waitFor({ timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Opens folders one after the other by keyboard; the time of each, from the key to the frame with its first child. */
async function openFolders(page: Page): Promise<number[]> {
  const rows = page.getByRole("treegrid", { name: "Keys" }).locator('[role="row"][aria-level]');
  await rows.first().waitFor();
  await rows.first().focus();
  await page.keyboard.press("Home");
  // `/bench/` may be open already, as the only folder there is.
  if ((await rows.first().getAttribute("aria-expanded")) === "false") await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const times: number[] = [];
  for (let opened = 0; opened < FOLDERS_OPENED; opened++) {
    times.push(await page.evaluate(openFocused));
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowDown");
  }
  return times;
}

/** In the page: opens the folder in focus; resolves once a child has been drawn. */
async function openFocused(): Promise<number> {
  const row = document.activeElement?.closest('[role="row"]');
  const level = Number(row?.getAttribute("aria-level"));
  if (row?.getAttribute("aria-expanded") !== "false")
    throw new Error(`no closed folder is in focus: ${row?.outerHTML}`);
  const startMs = performance.now();
  row.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
  const isOpen = (): boolean =>
    [...document.querySelectorAll(`[role="row"][aria-level="${level + 1}"]`)].some((child) =>
      child.textContent?.includes("key-"),
    );
  return await new Promise((resolve, reject) => {
    const look = (): void => {
      const tookMs = performance.now() - startMs;
      if (isOpen()) resolve(tookMs);
      else if (tookMs > 20_000) reject(new Error("the folder did not open"));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
