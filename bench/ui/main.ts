/**
 * `npm run bench:ui`: the page's measures in Chromium, each a line `name=value target=value`. Ends with the names of
 * those that missed; fails only for what does not depend on the machine: sizes, lost events, axe.
 *
 *     --quick       100,000 keys and 10 s of watch in place of 1,000,000 and 60 s; such lines say so
 *     --only NAME   the groups whose name holds it: sizes, access, paint, bridge, keys, watch
 */
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright";
import { buildWeb, webIsFresh } from "../../scripts/web.ts";
import { chromiumOptions } from "../../test/browser/support/chromium.ts";
import { serveFolder } from "../../test/browser/support/site.ts";
import { measureAccess } from "./access.ts";
import { measureBridge } from "./bridge.ts";
import { measureKeys } from "./keys.ts";
import { Measures } from "./measures.ts";
import { measurePaint } from "./paint.ts";
import { measureSizes, SITE } from "./size.ts";
import { measureWatch } from "./watch.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});

if (!webIsFresh()) await buildWeb();
const measures = new Measures();
const site = await serveFolder(SITE, "/some/path/");
const groups: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  sizes: (browser) => measureSizes(browser, measures, site.url),
  keys: (browser) => measureKeys(browser, measures, flags.quick),
  watch: (browser) => measureWatch(browser, measures, flags.quick),
  access: (browser) => measureAccess(browser, measures),
  paint: (browser) => measurePaint(browser, measures),
  bridge: (browser) => measureBridge(browser, measures, flags.quick),
};
let broken = 0;
for (const [name, run] of Object.entries(groups)) {
  if (!name.includes(flags.only)) continue;
  // A browser of its own for each: what one leaves behind is not measured with the next.
  const browser = await chromium.launch(chromiumOptions());
  try {
    await run(browser);
  } catch (error) {
    broken++;
    console.error(`${name} could not be measured: ${error instanceof Error ? error.message : error}`);
  } finally {
    await browser.close();
  }
}
await site.close();
if (measures.missed.length > 0) console.log(`missed: ${measures.missed.join(", ")}`);
process.exit(measures.failed.length + broken === 0 ? 0 : 1);
