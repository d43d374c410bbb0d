/**
 * Pictures of every screen and dialog, in both themes, wide and narrow, to look at:
 *
 *     node test/browser/screenshots.ts FOLDER [NAME…]
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { chromium } from "playwright";
import { createServer } from "../../src/platform/node/index.ts";
import { clientsOf } from "../../web/src/store/clients.ts";
import { settled } from "./support/axe.ts";
import { chromiumOptions } from "./support/chromium.ts";
import { buildSite, removeSite } from "./support/site.ts";
import { fillForViews, VIEWS, viewIsThere } from "./support/views.ts";
import { addUsers } from "./users/support.ts";

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error("which folder?");
mkdirSync(folder, { recursive: true });

const site = await buildSite();
const server = await createServer({ webRoot: site });
const transport = createGrpcTransport({ baseUrl: server.url });
await fillForViews(clientsOf(transport));
await addUsers(transport);
const browser = await chromium.launch(chromiumOptions());
for (const theme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    const viewport = { width, height: width < 600 ? 844 : 900 };
    const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: "reduce" });
    await context.addInitScript(() => {
      if (location.protocol.startsWith("http")) localStorage["etcdlite.preferences"] ??= '{"welcomed":true}';
    });
    const page = await context.newPage();
    for (const { name, query, open } of VIEWS.filter((view) => names.length === 0 || names.includes(view.name))) {
      try {
        await page.goto(`${server.url}/${query}`);
        await viewIsThere(page);
        await open?.(page);
        await viewIsThere(page);
        await settled(page);
      } catch (error) {
        console.error(`${name}, ${theme}, ${width} px: ${error}`);
      }
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
    }
    await context.close();
  }
}
await browser.close();
await server.close();
removeSite(site);
