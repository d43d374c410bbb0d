/** Pages to measure: opened with what the browser would remember, and what they did frame by frame. */
import type { Browser, BrowserContext, Page } from "playwright";

export interface MeasuredPage {
  readonly page: Page;
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly preferences?: object;
  readonly theme?: "light" | "dark";
  /** Before the page is asked for. */
  readonly before?: (page: Page) => Promise<void>;
}

export async function openMeasured(browser: Browser, url: string, options: PageOptions = {}): Promise<MeasuredPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: options.theme ?? "light",
    serviceWorkers: "block",
  });
  await context.addInitScript(
    (held) => {
      if (location.protocol.startsWith("http")) localStorage["etcdlite.preferences"] ??= held;
    },
    JSON.stringify({ welcomed: true, ...options.preferences }),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await options.before?.(page);
  await page.goto(url);
  await page.getByRole("region", { name: "Dock" }).waitFor();
  return { page, context, close: () => context.close() };
}

/**
 * When nothing busy is shown and no script has come for a second. Not the network's own rest: a page that watches
 * never has that.
 */
export async function settledPage(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const scripts = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"));
      const lastMs = Math.max(0, ...scripts.map((entry) => (entry as PerformanceResourceTiming).responseEnd));
      return document.querySelector(".spinner, [aria-busy='true']") === null && performance.now() > lastMs + 1000;
    },
    undefined,
    { polling: 100 },
  );
}

export interface Frames {
  /** Between each drawn frame and the next. */
  readonly frameMs: readonly number[];
  readonly longTasks: number;
}

declare global {
  interface Window {
    benchFrames: { readonly frameMs: number[]; longTasks: number; running: boolean };
  }
}

/** Begins to note the time of each frame, and the tasks of more than 50 ms. */
export async function startFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const held = { frameMs: [] as number[], longTasks: 0, running: true };
    window.benchFrames = held;
    new PerformanceObserver((list) => {
      if (held.running) held.longTasks += list.getEntries().length;
    }).observe({ type: "longtask" });
    let lastMs: number | undefined;
    const next = (nowMs: number): void => {
      if (lastMs !== undefined) held.frameMs.push(nowMs - lastMs);
      lastMs = nowMs;
      if (held.running) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

export async function stopFrames(page: Page): Promise<Frames> {
  return await page.evaluate(() => {
    window.benchFrames.running = false;
    const { frameMs, longTasks } = window.benchFrames;
    return { frameMs, longTasks };
  });
}

/** Of the page's own thread, after the garbage is gone; in MB. */
export async function heapMb({ page, context }: MeasuredPage): Promise<number> {
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { usedSize: number };
  return usedSize / 1e6;
}
