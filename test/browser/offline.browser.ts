/** The built page without a network, after its first visit. */
import { expect, test } from "vitest";
import { describeBrowser, openPage } from "./support/index.ts";

describeBrowser("without a network", () => {
  test("the page opens again, with its store, from the second visit on", async () => {
    const { page, context } = await openPage({ store: "worker", serviceWorkers: "allow" });
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    await page.reload();
    await page.getByRole("region", { name: "Dock" }).waitFor();
    await page.getByRole("link", { name: "Status" }).click();
    await page.getByRole("main", { name: "Status" }).waitFor();
    await page.getByText("3.7.1").first().waitFor();
    await context.setOffline(false);
  });

  test("what is kept is the page's own files; calls go where they went", async () => {
    const { page, server, errors } = await openPage({ store: "server", serviceWorkers: "allow", allowErrors: /./ });
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const kept = await page.evaluate(async () => {
      const [name = ""] = await caches.keys();
      return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain("/index.html");
    expect(
      kept.filter((path) => !/^\/(assets\/|index\.html|icon\.svg|manifest\.webmanifest|probe\/)/.test(path)),
    ).toEqual([]);
    expect(errors).toEqual([]);
    await server?.close();
    await page.reload();
    await page.getByRole("region", { name: "Dock" }).waitFor();
    const answer = await page.evaluate(() =>
      fetch("./etcdserverpb.KV/Range", { method: "POST" }).then(
        () => "answered",
        () => "failed",
      ),
    );
    expect(answer).toBe("failed");
  });
});
