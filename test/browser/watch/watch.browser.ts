/** The watch dock, used as a person would. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Page } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import { utf8 } from "../../../web/src/store/bytes.ts";
import type { Clients } from "../../../web/src/store/clients.ts";
import { axe, describeBrowser, describeStores, openPage } from "../support/index.ts";

async function put(clients: Clients, key: string, value: string): Promise<void> {
  await clients.kv.put({ key: utf8(key), value: utf8(value) });
}

/** Text of the shown rows, a row a line of its cells. */
async function rows(page: Page, pane?: string): Promise<string[]> {
  const root = pane === undefined ? page : page.getByRole("region", { name: pane });
  const texts = await root.getByRole("grid", { name: "Events" }).getByRole("row").allInnerTexts();
  return texts.slice(1).map((text) => text.replace(/\s+/g, " ").replace(/^\d\d:\d\d:\d\d\.\d+ /, ""));
}

async function watchAll(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Watch all keys" }).click();
  await page
    .getByRole("status")
    .filter({ hasText: /^live$/ })
    .waitFor();
}

async function addWatch(page: Page, fields: { readonly prefix: string; readonly revision?: string }): Promise<void> {
  await page.getByRole("button", { name: "Add a watch" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a watch" });
  await dialog.getByRole("textbox", { name: "Prefix" }).fill(fields.prefix);
  if (fields.revision !== undefined) await dialog.getByLabel("From revision").fill(fields.revision);
  await dialog.getByRole("button", { name: "Watch", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  // What is written before a watch of now is live is before its start; one of the past may not become live at all.
  if (fields.revision !== undefined) return;
  await page
    .getByRole("status")
    .filter({ hasText: /^live$/ })
    .first()
    .waitFor();
}

describeStores("the watch dock", (store) => {
  test("shows changes as they happen, with value, previous value and difference", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await watchAll(page);
    await put(clients, "/a", "one\ntwo");
    await put(clients, "/a", "one\nthree");
    await clients.kv.deleteRange({ key: utf8("/a") });
    await expect
      .poll(() => rows(page))
      .toEqual([
        expect.stringMatching(/^\d+ \+ created \/a one two/),
        expect.stringMatching(/^\d+ ~ updated \/a one three/),
        expect.stringMatching(/^\d+ − deleted \/a/),
      ]);
    await page.getByRole("row", { name: /updated/ }).click();
    const detail = page.getByRole("complementary", { name: /Event at revision/ });
    await expect.poll(() => detail.locator("del").allInnerTexts()).toEqual([expect.stringContaining("two")]);
    expect(await detail.locator("ins").innerText()).toContain("three");
    await detail.getByRole("tab", { name: "Previous" }).click();
    await detail.getByText("two").waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("begins at a revision, and is held to a prefix", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await put(clients, "/b/before", "0");
    const { header } = await clients.kv.put({ key: utf8("/b/1"), value: utf8("1") });
    await put(clients, "/c", "2");
    await addWatch(page, { prefix: "/b/", revision: String(header?.revision) });
    await expect.poll(() => rows(page)).toEqual([expect.stringContaining("created /b/1 1")]);
    await put(clients, "/b/2", "3");
    await expect.poll(() => rows(page)).toHaveLength(2);
  });

  test("a pause freezes the view and loses nothing", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await watchAll(page);
    await put(clients, "/a", "1");
    await expect.poll(() => rows(page)).toHaveLength(1);
    await page.getByRole("button", { name: "Pause" }).click();
    for (let value = 2; value <= 6; value++) await put(clients, "/a", String(value));
    await page.getByText("5 waiting").waitFor();
    expect(await rows(page)).toHaveLength(1);
    await page.getByRole("button", { name: "Resume" }).click();
    await expect.poll(async () => (await rows(page)).map((row) => row.split(" ").at(-1))).toEqual([..."123456"]);
  });
});

describeStores("what the watch dock shows", (store) => {
  test("filters what is shown, by prefix, kind and text", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await watchAll(page);
    await put(clients, "/a/1", "apple");
    await put(clients, "/b/1", "Banana");
    await put(clients, "/a/1", "cherry");
    await expect.poll(() => rows(page)).toHaveLength(3);
    await page.getByRole("textbox", { name: "Key prefix" }).fill("/a");
    await expect.poll(() => rows(page)).toHaveLength(2);
    await page.getByRole("button", { name: "updated" }).click();
    await expect.poll(() => rows(page)).toEqual([expect.stringContaining("created /a/1 apple")]);
    await page.getByText("1 of 3 shown").waitFor();
    await page.getByRole("textbox", { name: "Key prefix" }).fill("");
    await page.getByRole("textbox", { name: "Text in key or value" }).fill("banana");
    await expect.poll(() => rows(page)).toEqual([expect.stringContaining("created /b/1 Banana")]);
  });

  test("stays where the reader is, and says what is new below", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await watchAll(page);
    for (let at = 0; at < 40; at++) await put(clients, `/k${at}`, "v");
    const grid = page.getByRole("grid", { name: "Events" });
    await grid.getByText("/k39", { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press("Home");
    await grid.getByText("/k0", { exact: true }).waitFor();
    await put(clients, "/new", "v");
    const below = page.getByRole("button", { name: "1 new below" });
    await below.waitFor();
    expect(await grid.getByText("/k0", { exact: true }).isVisible()).toBe(true);
    await below.click();
    await grid.getByText("/new", { exact: true }).waitFor();
    await below.waitFor({ state: "hidden" });
  });
});

describeStores("the watches of the dock", (store) => {
  test("several watches are listed, shown side by side, and go on while the dock is closed", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await addWatch(page, { prefix: "/a" });
    await addWatch(page, { prefix: "/b" });
    await page.getByRole("button", { name: "Show /a* beside", exact: true }).click();
    await put(clients, "/a", "1");
    await put(clients, "/b", "2");
    await expect.poll(() => rows(page, "Watch of /a*")).toHaveLength(1);
    await expect.poll(() => rows(page, "Watch of /b*")).toHaveLength(1);
    await page.getByRole("button", { name: "Close the dock" }).click();
    await page.getByText("2 watches").waitFor();
    await put(clients, "/a", "3");
    await page.getByRole("button", { name: "Open the dock" }).click();
    await expect.poll(() => rows(page, "Watch of /a*")).toHaveLength(2);
    await page.getByRole("button", { name: "End the watch of /b*" }).click();
    expect(await page.getByRole("region", { name: "Watch of /b*" }).count()).toBe(0);
  });

  test("a compacted start says what to do, and does it", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await put(clients, "/a", "1");
    await put(clients, "/a", "2");
    const { header } = await clients.kv.put({ key: utf8("/a"), value: utf8("3") });
    await clients.kv.compact({ revision: header?.revision });
    await addWatch(page, { prefix: "/a", revision: "1" });
    await page.getByText("Revision 1 is compacted").waitFor();
    await page.getByRole("button", { name: `Watch from revision ${header?.revision}` }).click();
    await expect.poll(() => rows(page)).toEqual([expect.stringContaining("/a 3")]);
  });

  test("a dozen of them leave room for other calls", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    for (let at = 0; at < 12; at++) await addWatch(page, { prefix: `/w${at}/` });
    for (let at = 0; at < 12; at++) await put(clients, `/w${at}/key`, String(at));
    for (const at of [0, 5, 11]) {
      await page.getByRole("button", { name: new RegExp(`^/w${at}/\\*`) }).click();
      await expect.poll(() => rows(page)).toEqual([expect.stringContaining(`/w${at}/key ${at}`)]);
    }
    await page.getByRole("link", { name: "Leases", exact: true }).click();
    await page.getByRole("heading", { name: "No leases" }).waitFor();
  });
});

describeStores("a watch of the dock", (store) => {
  test("copies as etcdctl and exports JSON lines", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch" });
    await addWatch(page, { prefix: "/a/" });
    await put(clients, "/a/1", "x");
    await expect.poll(() => rows(page)).toHaveLength(1);
    await page.getByRole("button", { name: "Copy as etcdctl" }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/watch .*--prefix/);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export the shown events as JSON lines" }).click();
    const stream = await (await downloading).createReadStream();
    const text = Buffer.concat(await stream.toArray()).toString();
    expect(JSON.parse(text)).toMatchObject({ type: "PUT", key: "/a/1", value: "x" });
  });

  test("works with the keyboard alone, on a narrow page", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=watch", width: 390 });
    await page.getByRole("button", { name: "Watch all keys" }).focus();
    await page.keyboard.press("Enter");
    await page
      .getByRole("status")
      .filter({ hasText: /^live$/ })
      .waitFor();
    await put(clients, "/a", "1");
    await put(clients, "/b", "2");
    await expect.poll(() => rows(page)).toHaveLength(2);
    await page.getByRole("grid", { name: "Events" }).focus();
    await page.keyboard.press("ArrowUp");
    await page
      .getByRole("complementary", { name: /Event at revision/ })
      .getByText("/b", { exact: true })
      .waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("complementary", { name: /Event at revision/ }).count()).toBe(0);
  });
});

describeBrowser("the watch dock, when its server is lost", () => {
  test("reconnects and goes on with no gap and no double", async () => {
    const { page, clients, url } = await openPage({ store: "server", allowErrors: /ERR_|Failed to fetch/ });
    const wire = await startWire(new URL(url).port);
    await page.goto(`${url}?c=${wire.url}&dock=watch`);
    await watchAll(page);
    await put(clients, "/a", "1");
    await expect.poll(() => rows(page)).toHaveLength(1);
    wire.cut();
    await page.getByText("Reconnecting", { exact: true }).waitFor();
    await put(clients, "/a", "2");
    await put(clients, "/a", "3");
    wire.mend();
    await page
      .getByRole("status")
      .filter({ hasText: /^live$/ })
      .waitFor();
    await put(clients, "/a", "4");
    await expect.poll(async () => (await rows(page)).map((row) => row.split(" ").at(-1))).toEqual([..."1234"]);
  });
});

/** A way to a server that can be cut. */
async function startWire(port: string): Promise<{ readonly url: string; cut(): void; mend(): void }> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const wire = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const server = connect(Number(port), "127.0.0.1");
    for (const end of [socket, server]) {
      sockets.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        sockets.delete(end);
        socket.destroy();
        server.destroy();
      });
    }
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    wire.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
  };
}
