import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";
import { axe, describeBrowser, openPage } from "../support/index.ts";
import { addUsers, command, ROOT_PASSWORD } from "../users/support.ts";

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

  test.for(["gRPC-Web", "Connect"])("signs in to a server with authentication on, by %s", async (protocol) => {
    const server = await createServer({});
    onTestFinished(() => server.close());
    await (await addUsers(createGrpcTransport({ baseUrl: server.url }))).authEnable({});
    const { page } = await openPage({ store: "worker", allowErrors: /Failed to load resource/ });
    await command(page, "Connect to a server…");
    await page.getByLabel("URL").fill(server.url);
    await page.getByLabel("Protocol").selectOption(protocol);
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("This store wants a user and a password").waitFor();
    await page.getByLabel("User", { exact: true }).fill("root");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("The user’s name or the password is wrong.").waitFor();
    await page.getByLabel("Password").fill(ROOT_PASSWORD);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("button", { name: "Signed in as root" }).waitFor();
    await page.getByText("The store is empty").waitFor();
    // In another store nobody is; back in this one root still is.
    const button = page.getByRole("button", { name: /^Connection:/ });
    await button.click();
    await page.getByRole("menuitem", { name: "This browser", exact: true }).click();
    await page.getByRole("button", { name: "Signed in as root" }).waitFor({ state: "detached" });
    await button.click();
    await page.getByRole("menuitem", { name: new URL(server.url).host }).click();
    await page.getByRole("button", { name: "Signed in as root" }).waitFor();
    await page.getByText("The store is empty").waitFor();
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
