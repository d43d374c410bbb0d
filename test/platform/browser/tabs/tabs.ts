/** Tabs of one browser that share a store, and ways to end the one that owns it. */
import { type BrowserContext, chromium, type Page } from "playwright";
import { chromiumOptions } from "../../../browser/support/chromium.ts";
import { type BuiltSite, buildAndServe } from "../support/site.ts";
import type { Acknowledged, Report, Tab } from "./site/tab.ts";

/** What ends an owner: its tab is closed, its worker dies under it, its whole process does. */
export const KILLS = ["close", "terminate", "crash"] as const;
export type Kill = (typeof KILLS)[number];

export interface OpenTab {
  readonly name: string;
  readonly page: Page;
  /** What was answered to its writes. */
  readonly acknowledged: Acknowledged[];
}

export class Tabs {
  readonly #site: BuiltSite;
  readonly #context: BrowserContext;
  #count = 0;
  #open: OpenTab[] = [];

  private constructor(site: BuiltSite, context: BrowserContext) {
    this.#site = site;
    this.#context = context;
  }

  static async start(): Promise<Tabs> {
    const site = await buildAndServe(new URL("./site", import.meta.url).pathname);
    // A process for each tab, so that one can crash alone.
    const browser = await chromium.launch(chromiumOptions(["--process-per-tab"]));
    return new Tabs(site, await browser.newContext());
  }

  get open(): readonly OpenTab[] {
    return this.#open;
  }

  async add(): Promise<OpenTab> {
    const page = await this.#context.newPage();
    const tab: OpenTab = { name: `tab${this.#count++}`, page, acknowledged: [] };
    await page.exposeFunction("acknowledged", (writes: Acknowledged[]) => {
      tab.acknowledged.push(...writes);
    });
    await page.goto(this.#site.url);
    await page.waitForFunction(() => "tab" in window);
    this.#open.push(tab);
    return tab;
  }

  async owner(): Promise<OpenTab> {
    for (const tab of this.#open) if ((await call(tab, "state")).role === "owner") return tab;
    throw new Error("no tab owns the store");
  }

  /** Returns when it was done; a tab that is gone is no longer among the open ones. */
  async kill(tab: OpenTab, kill: Kill): Promise<number> {
    const atMs = Date.now();
    if (kill === "terminate") {
      await call(tab, "terminate");
      return atMs;
    }
    this.#open = this.#open.filter((other) => other !== tab);
    if (kill === "close") {
      await tab.page.close({ runBeforeUnload: false });
      return atMs;
    }
    const session = await this.#context.newCDPSession(tab.page);
    session.send("Page.crash").catch(() => {
      // Nobody is left to answer; that it has crashed is seen by the others.
    });
    return atMs;
  }

  async close(): Promise<void> {
    await this.#context.browser()?.close();
    await this.#site.close();
  }
}

type Methods = { [Name in keyof Tab as Tab[Name] extends (...args: never[]) => unknown ? Name : never]: Tab[Name] };

/** Calls a method of the page's tab. */
export async function call<Name extends keyof Methods>(
  tab: OpenTab,
  name: Name,
  ...args: Parameters<Methods[Name]>
): Promise<Awaited<ReturnType<Methods[Name]>>> {
  return (await tab.page.evaluate(
    ({ name, args }) => {
      const { tab } = window as unknown as { tab: Record<string, (...args: unknown[]) => unknown> };
      return tab[name]?.(...args);
    },
    { name, args },
  )) as Awaited<ReturnType<Methods[Name]>>;
}

export type { Report };
