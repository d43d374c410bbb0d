/** Making, editing and saving a key, and what happens when somebody else writes it too. */
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";
import { DIALOG, editor, reading, saveDialog, startEditing, typeInstead } from "./support.ts";

describeStores("a key", (store) => {
  test("is made from the keyboard, edited, deleted and brought back", async () => {
    const { page, clients } = await openPage({ store });
    await page.keyboard.press("n");
    await page.getByRole("dialog", { name: "New key" }).waitFor();
    await page.keyboard.type("/made");
    await page.keyboard.press("Tab");
    await page.keyboard.type("first");
    await page.keyboard.press("Control+s");
    await page.getByRole("article", { name: "Key /made" }).getByText("first").waitFor();
    expect(await storedText(clients, "/made")).toBe("first");

    await page.keyboard.press("e");
    await editor(page).waitFor();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" and more");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByText("first and more").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => storedText(clients, "/made")).toBe("first and more");
    await reading(page);

    await page.keyboard.press("Delete");
    await page.getByText("Deleted /made", { exact: true }).first().waitFor();
    await page.getByRole("heading", { name: "There is no such key" }).waitFor();
    expect(await storedText(clients, "/made")).toBeUndefined();
    await page.keyboard.press("Control+z");
    await expect.poll(() => storedText(clients, "/made")).toBe("first and more");
    await page.getByText("Version and create revision begin anew.").first().waitFor();
  });

  test("is not made over one that is there", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "there" } });
    await page.keyboard.press("n");
    const dialog = page.getByRole("dialog", { name: "New key" });
    await dialog.getByLabel("Key", { exact: true }).fill("/a");
    await dialog.getByLabel("Value", { exact: true }).fill("other");
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("There is such a key already").waitFor();
    expect(await axe(page, DIALOG)).toEqual([]);
    await dialog.getByRole("button", { name: "Open it" }).click();
    await page.getByRole("article", { name: "Key /a" }).getByText("there").waitFor();
    expect(await storedText(clients, "/a")).toBe("there");
  });

  test("follows what others write, until it is edited", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "one" }, query: "?key=/a" });
    const article = page.getByRole("article", { name: "Key /a" });
    await article.getByText("one", { exact: true }).waitFor();
    await clients.kv.put({ key: bytes("/a"), value: bytes("two") });
    await article.getByText("two", { exact: true }).waitFor();
    await startEditing(page);
    await clients.kv.put({ key: bytes("/a"), value: bytes("three") });
    await article.getByText("while you edit revision 3").waitFor();
    expect(await editor(page).textContent()).toContain("two");
  });

  test("that two write is decided by the user: mine, theirs or a merge", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "base\n" }, query: "?key=/a" });
    const overtake = async (mine: string, theirs: string): Promise<void> => {
      await startEditing(page);
      await typeInstead(page, mine);
      await page.keyboard.press("Control+s");
      await saveDialog(page).waitFor();
      await clients.kv.put({ key: bytes("/a"), value: bytes(theirs) });
      await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("heading", { name: "The key was changed meanwhile" }).waitFor();
    };
    await overtake("mine 1", "theirs 1");
    for (const name of [/^Mine/, /^Base/, /^Theirs/]) await page.getByRole("region", { name }).first().waitFor();
    expect(await axe(page, DIALOG)).toEqual([]);
    expect(await storedText(clients, "/a")).toBe("theirs 1");
    await page.getByRole("button", { name: "Save mine" }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("mine 1");

    await overtake("mine 2", "theirs 2");
    await page.getByRole("button", { name: "Take theirs" }).click();
    await reading(page);
    expect(await storedText(clients, "/a")).toBe("theirs 2");

    await overtake("mine 3", "theirs 3");
    await page.getByRole("button", { name: "Edit a merge" }).click();
    const merge = page.getByRole("textbox", { name: "Merge" });
    await merge.waitFor();
    await merge.fill("mine 3, theirs 3");
    await clients.kv.put({ key: bytes("/a"), value: bytes("theirs 4") });
    await page.getByRole("button", { name: "Save the merge" }).click();
    await page
      .getByRole("region", { name: /^Theirs/ })
      .first()
      .getByText("theirs 4")
      .waitFor();
    expect(await storedText(clients, "/a")).toBe("theirs 4");
    await page.getByRole("button", { name: "Save the merge" }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("mine 3, theirs 3");
  });

  test("that is deleted under the editor is made anew only knowingly", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "base" }, query: "?key=/a" });
    await startEditing(page);
    await typeInstead(page, "mine");
    await clients.kv.deleteRange({ key: bytes("/a") });
    await page.getByText("The key was deleted while you edit it.").waitFor();
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("heading", { name: "The key was deleted meanwhile" }).waitFor();
    await page.getByRole("button", { name: "Save mine" }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("mine");
  });

  test("keeps its draft while others are looked at, and its JSON is checked and not reformatted", async () => {
    const json = '{"a":1,  "big":12345678901234567890}';
    const { page, clients } = await openPage({ store, seed: { "/a": json, "/b": "b" }, query: "?key=/a" });
    await startEditing(page);
    await typeInstead(page, '{"a":2,  "big":12345678901234567890');
    await page.keyboard.press("Control+s");
    await page.getByText("This is no JSON any more").waitFor();
    await page.evaluate(() => history.replaceState(null, "", location.href.replace("key=/a", "key=/b")));
    await page.getByRole("article", { name: "Key /b" }).waitFor();
    await page.evaluate(() => history.replaceState(null, "", location.href.replace("key=/b", "key=/a")));
    await editor(page).getByText('{"a":2').waitFor();
    await editor(page).press("Control+End");
    await page.keyboard.insertText("}");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe('{"a":2,  "big":12345678901234567890}');
  });

  test("keeps its lease, or changes it", async () => {
    const { page, clients } = await openPage({
      store,
      query: "?key=/a",
      prepare: async ({ kv, lease }) => {
        await lease.leaseGrant({ ID: 0x1234n, TTL: 600n });
        await kv.put({ key: bytes("/a"), value: bytes("1"), lease: 0x1234n });
      },
    });
    const leaseOf = async () => (await clients.kv.range({ key: bytes("/a") })).kvs[0]?.lease;
    await page.getByRole("link", { name: "0000000000001234" }).waitFor();
    await page
      .getByText(/min left/)
      .first()
      .waitFor();
    await startEditing(page);
    await typeInstead(page, "2");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("2");
    expect(await leaseOf()).toBe(0x1234n);
    await reading(page);
    await startEditing(page);
    await page.getByLabel("Lease").selectOption({ label: "No lease" });
    await page.getByRole("button", { name: "Save…" }).click();
    await saveDialog(page).getByText("lease 0000000000001234 → no lease").waitFor();
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(leaseOf).toBe(0n);
  });

  test("is renamed, renamed back and cloned", async () => {
    const { page, clients } = await openPage({ store, seed: { "/a": "v", "/taken": "t" }, query: "?key=/a" });
    const more = async (name: string): Promise<void> => {
      await page.getByRole("button", { name: "More for this key" }).click();
      await page.getByRole("menuitem", { name }).click();
    };
    await more("Rename…");
    const dialog = page.getByRole("dialog", { name: "Rename a key" });
    await dialog.getByLabel("New key").fill("/taken");
    await dialog.getByRole("button", { name: "Rename" }).click();
    await dialog.getByText("There is such a key already").waitFor();
    await dialog.getByLabel("New key").fill("/b");
    await page.keyboard.press("Enter");
    await page.getByRole("article", { name: "Key /b" }).waitFor();
    expect([await storedText(clients, "/a"), await storedText(clients, "/b")]).toEqual([undefined, "v"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("article", { name: "Key /a" }).waitFor();
    expect([await storedText(clients, "/a"), await storedText(clients, "/b")]).toEqual(["v", undefined]);
    await more("Clone…");
    await page.getByLabel("New key").fill("/c\\xff");
    await page.keyboard.press("Enter");
    await page.getByRole("article", { name: "Key /c\\xff" }).waitFor();
    const clone = Uint8Array.of(0x2f, 0x63, 0xff);
    expect([await storedText(clients, "/a"), await storedText(clients, clone)]).toEqual(["v", "v"]);
  });

  test("that is too large keeps its draft and says why", async () => {
    const { page, clients } = await openPage({
      store,
      seed: { "/a": "small" },
      query: "?key=/a",
      allowErrors: /400|Bad Request/,
    });
    await startEditing(page);
    await editor(page).evaluate((element) => {
      const text = "x".repeat(1_700_000);
      const data = new DataTransfer();
      data.setData("text/plain", text);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.getByRole("button", { name: "Save…" }).click();
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await saveDialog(page).getByText("The value is too large").waitFor();
    await saveDialog(page).getByRole("button", { name: "Cancel" }).click();
    await editor(page).waitFor();
    expect(await storedText(clients, "/a")).toBe("small");
  });
});
