/** The page's Content-Security-Policy: nothing of the page breaks it, and what it forbids is really forbidden. */
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";
import { describeBrowser, describeStores, openPage } from "../support/index.ts";
import { fillForViews, VIEWS, viewIsThere } from "../support/views.ts";
import { addUsers } from "../users/support.ts";

const TIME_LIMIT_MS = 240_000;

/** What breaks the policy from here on, `directive what` each. */
async function violationsOf(page: Page): Promise<string[]> {
  const violations: string[] = [];
  await page.exposeFunction("tellViolation", (what: string) => void violations.push(what));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile }) => {
      const tell = (globalThis as unknown as { tellViolation(what: string): void }).tellViolation;
      tell(`${effectiveDirective} ${blockedURI} ${sourceFile}`);
    });
  });
  return violations;
}

describeStores("the page under its policy", (store) => {
  test("no screen and no dialog breaks it", { timeout: TIME_LIMIT_MS }, async () => {
    const { page, url } = await openPage({ store, prepare: fillForViews, prepareBy: addUsers });
    const violations = await violationsOf(page);
    for (const view of Object.values(VIEWS)) {
      await page.goto(`${url}${view.query}`);
      await viewIsThere(page);
      await view.open?.(page);
      await viewIsThere(page);
    }
    expect(violations).toEqual([]);
  });

  test("scripts, styles, frames and pictures from elsewhere are blocked, whoever puts them there", async () => {
    const { page } = await openPage({
      store,
      allowErrors: /Content Security Policy|violates the following|Refused to/,
    });
    const violations = await violationsOf(page);
    await page.reload();
    await page.evaluate(async () => {
      const tags = {
        script: { textContent: "globalThis.wasRun = true" },
        style: { textContent: "body { display: none }" },
        iframe: { src: "https://example.com/" },
        img: { src: "https://example.com/a.png" },
      };
      for (const [tag, fields] of Object.entries(tags)) {
        document.body.append(Object.assign(document.createElement(tag), fields));
      }
      const handler = document.createElement("div");
      handler.setAttribute("onclick", "globalThis.wasRun = true");
      document.body.append(handler);
      handler.click();
    });
    const directives = ["script-src-elem", "style-src-elem", "frame-src", "img-src", "script-src-attr"];
    const seen = (): string[] => [...new Set(violations.map((what) => what.split(" ", 1)[0] as string))].sort();
    await expect.poll(seen).toEqual(directives.sort());
    expect(await page.evaluate(() => "wasRun" in globalThis)).toBe(false);
  });
});

describeBrowser("the page in others' hands", () => {
  test("no page frames it, and who opens it has no hold of its window", async () => {
    const host = await createServer();
    const { page, url, context } = await openPage({ store: "server", allowErrors: /frame|denied|40[34]/i });
    await page.goto(`${host.url}/health`);
    const framed = await page.evaluate(async (target) => {
      const frame = document.createElement("iframe");
      frame.src = target;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener("load", resolve));
      return frame.contentDocument === null ? "not ours to see" : frame.contentDocument.body.innerText;
    }, url);
    expect(framed).toBe("not ours to see");
    for (const frame of page.frames().slice(1)) expect(await frame.content()).not.toContain('id="root"');
    const opened = context.waitForEvent("page");
    await page.evaluate((target) => {
      (globalThis as unknown as { opened: unknown }).opened = open(target);
    }, url);
    await (await opened).getByRole("region", { name: "Dock" }).waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { opened: Window }).opened.closed)).toBe(true);
    await host.close();
  });
});
