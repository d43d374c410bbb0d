import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";
import { axe, describeBrowser, openPage } from "../support/index.ts";

describeBrowser("the connection", () => {
  test.for(["gRPC-Web", "Connect"])("goes to a server by %s, and back by the menu", async (protocol) => {
    const server = await createServer({});
    onTestFinished(() => server.close());
    const { page } = await openPage({ store: "worker" });
    const button = page.getByRole("button", { name: /^Connection:/ });
    await button.click();
    await page.getByRole("menuitem", { name: "Connect to a server…" }).click();
    await page.getByLabel("URL").fill(new URL(server.url).host);
    await page.getByLabel("Protocol").selectOption(protocol);
    expect(await axe(page, "[role=dialog]")).toEqual([]);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("button", { name: /^Connection: 127\.0\.0\.1:\d+ etcd 3\.7\S*, Ready/ }).waitFor();
    expect(new URL(page.url()).search).toContain(protocol === "Connect" ? "c=connect" : "c=http");
    await button.click();
    await page.getByRole("menuitem", { name: "This browser", exact: true }).click();
    await page.getByRole("button", { name: /^Connection: This browser etcd .*Ready/ }).waitFor();
  });

  test("opens another store in this browser, which has nothing of the first", async () => {
    const { page } = await openPage({ store: "worker", seed: { "/a": "1" } });
    await page.getByRole("button", { name: /^Connection:/ }).click();
    await page.getByText("Another tab runs the store").waitFor();
    await page.getByRole("menuitem", { name: "Open a store in this browser…" }).click();
    await page.getByLabel("Name").fill("two words");
    await page.getByText("Letters, digits, . - and _ only, at most 64").waitFor();
    await page.getByLabel("Name").fill("notes");
    await page.getByLabel("Name").press("Enter");
    await page.getByRole("button", { name: /^Connection: This browser: notes etcd .*Ready/ }).waitFor();
    await page.getByText("The store is empty").waitFor();
  });
});
