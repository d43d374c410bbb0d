import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds wrong with the page as it is now, one line each: `color-contrast (serious) .muted: …`.
 * All of axe's rules run, contrast among them; what moves is waited for, as half-faded text has no contrast.
 */
export async function axe(page: Page, within?: string): Promise<string[]> {
  await settled(page);
  // By evaluate and not as a script element: the page's policy holds for the test as well.
  await page.evaluate(source);
  const { violations } = await page.evaluate(async (selector) => {
    const { axe: run } = window as unknown as { axe: typeof import("axe-core") };
    return (await run.run(selector ?? document, { resultTypes: ["violations"] })) as AxeResults;
  }, within);
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary = "", html }) => {
      const why = failureSummary.split("\n").slice(1).join(" ").trim();
      return `${id} (${impact}) ${target.join(" ")}: ${why} in ${html.slice(0, 160)}`;
    }),
  );
}

/** When every animation that ends has ended. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished),
    ).then(() => undefined),
  );
}
