import { expect, test } from "vitest";
import { axe, describeBrowser, openPage, storedText } from "../support/index.ts";

describeBrowser("the first run", () => {
  test("puts, watches and undoes in three clicks", async () => {
    const { page, clients } = await openPage({ store: "worker", firstRun: true });
    const welcome = page.getByRole("region", { name: "Welcome" });
    await welcome.getByRole("button", { name: "Remove the sample data" }).waitFor();
    await welcome.getByRole("button", { name: "Put a key" }).click();
    await expect.poll(() => storedText(clients, "/demo/hello")).toMatch(/^Hello/);
    await welcome.getByRole("button", { name: "Watch it" }).click();
    const dock = page.getByRole("region", { name: "Dock" });
    await dock.getByText("/demo/hello").first().waitFor();
    await welcome.getByRole("button", { name: "Undo it" }).click();
    await expect.poll(() => storedText(clients, "/demo/hello")).toBe(undefined);
    await page.getByText("Undone: /demo/hello is as it was").first().waitFor();
  });

  test.for(["light", "dark"] as const)("has no violations of axe's in the %s theme", async (theme) => {
    const { page } = await openPage({ store: "worker", firstRun: true, theme });
    await page.getByRole("button", { name: "Remove the sample data" }).waitFor();
    expect(await axe(page, ".welcome")).toEqual([]);
  });

  test("ticks, with one tab at a time, until it is stopped", async () => {
    const { page, clients, context, url } = await openPage({ store: "worker", firstRun: true });
    const tick = async (): Promise<number> => {
      const text = await storedText(clients, "/demo/clock");
      return text === undefined ? 0 : (JSON.parse(text) as { readonly tick: number }).tick;
    };
    await expect.poll(tick).toBeGreaterThan(1);
    const second = await context.newPage();
    await second.goto(url);
    await second.getByRole("button", { name: "Stop the ticker at /demo/clock" }).click();
    await page.getByRole("button", { name: "Tick at /demo/clock" }).waitFor();
    const locks = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    await expect.poll(() => locks?.filter((name) => name === "etcdlite/ticker")).toEqual([]);
  });

  test("takes the sample data away and back", async () => {
    const { page, clients } = await openPage({ store: "worker", firstRun: true });
    const count = async (): Promise<bigint> =>
      (await clients.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), countOnly: true })).count;
    await page.getByRole("button", { name: "Remove the sample data" }).click();
    await page
      .getByText(/Sample data removed/)
      .first()
      .waitFor();
    expect(await count()).toBe(0n);
    expect((await clients.lease.leaseLeases({})).leases).toEqual([]);
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect.poll(count).toBeGreaterThan(10n);
  });
});

describeBrowser("the first run keeps out of the way", () => {
  test("ends, stays away after a reload, and starts again from the settings", async () => {
    const { page } = await openPage({ store: "worker", firstRun: true });
    const welcome = page.getByRole("region", { name: "Welcome" });
    await welcome.getByRole("button", { name: "End the tour" }).click();
    await welcome.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("region", { name: "Dock" }).waitFor();
    expect(await welcome.count()).toBe(0);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Start the tour" }).click();
    await welcome.waitFor();
  });

  test("leaves a store alone that is not fresh", async () => {
    const { page, clients } = await openPage({ store: "worker", firstRun: true, seed: { "/mine": "1" } });
    await page.getByRole("button", { name: "Add sample data" }).waitFor();
    const { count } = await clients.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), countOnly: true });
    expect(count).toBe(1n);
  });

  test("writes nothing to a server", async () => {
    const { page, clients } = await openPage({ store: "server", firstRun: true });
    await page.getByRole("button", { name: /^Connection: .*Ready/ }).waitFor();
    expect(await page.getByRole("region", { name: "Welcome" }).count()).toBe(0);
    expect((await clients.maintenance.status({})).header?.revision).toBe(1n);
  });
});
