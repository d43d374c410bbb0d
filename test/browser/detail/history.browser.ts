/** A key's versions: read, compared, restored; also of keys that are gone, and after a compaction. */
import { expect, test } from "vitest";
import type { Clients } from "../../../web/src/store/clients.ts";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";
import { KEY } from "./support.ts";

/** Revisions 2 to 5: created, changed, deleted, created again. */
async function fourRevisions({ kv }: Clients): Promise<void> {
  const key = bytes("/a");
  await kv.put({ key, value: bytes("first\nline\n") });
  await kv.put({ key, value: bytes("second\nline\n") });
  await kv.deleteRange({ key });
  await kv.put({ key, value: bytes("third\nline\n") });
}

describeStores("the history of a key", (store) => {
  test("has every version, deletions too, newest first, and stays current", async () => {
    const { page, clients } = await openPage({ store, prepare: fourRevisions, query: "?key=/a" });
    await page.getByRole("article", { name: "Key /a" }).getByText("third").waitFor();
    await page.keyboard.press("h");
    const versions = page.getByRole("listbox", { name: "Versions" });
    await page.getByText("4 versions").waitFor();
    expect((await versions.getByRole("option").allTextContents()).map((text) => text.replace(/^\W*/, ""))).toEqual([
      expect.stringMatching(/^5Created/),
      expect.stringMatching(/^4Deleted.*after revision 3/),
      expect.stringMatching(/^3Version 2.*after revision 2/),
      expect.stringMatching(/^2Created/),
    ]);
    expect(await axe(page, KEY)).toEqual([]);
    await clients.kv.put({ key: bytes("/a"), value: bytes("fourth\nline\n") });
    await page.getByText("5 versions").waitFor();
    await page.getByRole("region", { name: "Version" }).getByText("fourth").waitFor();
  });

  test("compares any two from the keyboard, and restores one", async () => {
    const { page, clients } = await openPage({ store, prepare: fourRevisions, query: "?key=/a&tab=history" });
    const versions = page.getByRole("listbox", { name: "Versions" });
    await versions.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: "Revision 2 → 5" }).waitFor();
    const diff = page.getByRole("region", { name: "Revision 2 compared with 5" });
    await diff.getByText("removed: first").waitFor();
    await diff.getByText("added: third").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Revision 2, created" }).waitFor();
    await page.getByRole("button", { name: "Restore this version" }).click();
    const dialog = page.getByRole("dialog", { name: "Restore revision 2?" });
    await dialog.getByText("added: first").waitFor();
    await dialog.getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("first\nline\n");
    await page.getByText("Restored revision 2").first().waitFor();
  });

  test("of a key that is gone brings it back", async () => {
    const { page, clients } = await openPage({
      store,
      query: "?key=/gone",
      prepare: async ({ kv }) => {
        await kv.put({ key: bytes("/gone"), value: bytes("was here") });
        await kv.deleteRange({ key: bytes("/gone") });
      },
    });
    await page.getByRole("heading", { name: "There is no such key" }).waitFor();
    await page.getByRole("button", { name: "History" }).click();
    await page.getByText("2 versions").waitFor();
    await page.getByRole("option", { name: /Created/ }).click();
    await page.getByRole("button", { name: "Restore this version" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => storedText(clients, "/gone")).toBe("was here");
  });

  test("begins at the compaction, as a normal state", async () => {
    const { page } = await openPage({
      store,
      query: "?key=/a&tab=history",
      prepare: async (clients) => {
        await fourRevisions(clients);
        await clients.kv.compact({ revision: 3n, physical: true });
      },
    });
    await page.getByText("3 versions, compacted below 3").waitFor();
    await page.getByRole("option", { name: /Version 2/ }).click();
    await page.getByText("The version before it has been compacted").waitFor();
    await page.getByText("second").waitFor();
  });

  test("an earlier revision is read-only, and can be restored", async () => {
    const { page, clients } = await openPage({ store, prepare: fourRevisions, query: "?key=/a&rev=3" });
    const article = page.getByRole("article", { name: "Key /a" });
    await article.getByText("second").waitFor();
    expect(await article.getByRole("button", { name: "Edit", exact: true }).count()).toBe(0);
    expect(await article.getByRole("button", { name: "Delete the key" }).count()).toBe(0);
    await article.getByRole("button", { name: "Restore this version" }).click();
    await page.getByRole("dialog", { name: "Restore revision 3?" }).getByRole("button", { name: "Restore" }).click();
    await expect.poll(() => storedText(clients, "/a")).toBe("second\nline\n");
    await article.getByRole("button", { name: "Edit", exact: true }).waitFor();
  });

  test("the raw tab has the request in five languages, and the response", async () => {
    const { page } = await openPage({ store, prepare: fourRevisions, query: "?key=/a&tab=raw" });
    await page.getByRole("region", { name: "Request as etcdctl" }).getByText("get /a").waitFor();
    for (const label of ["curl", "TypeScript", "Go", "Python"]) {
      await page.getByLabel("Language").selectOption(label);
      await page.getByRole("region", { name: `Request as ${label}` }).waitFor();
    }
    await page.getByRole("region", { name: "Response as JSON" }).getByText('"modRevision": "5"').waitFor();
    expect(await axe(page, KEY)).toEqual([]);
  });
});

describeStores("a long history", (store) => {
  test("of two thousand versions is read whole, and its end can be reached", async () => {
    const { page } = await openPage({
      store,
      query: "?key=/a&tab=history",
      prepare: async ({ kv }) => {
        for (let at = 0; at < 2_000; at += 500) {
          await Promise.all(
            Array.from({ length: 500 }, (_, more) => kv.put({ key: bytes("/a"), value: bytes(`${at + more}`) })),
          );
        }
      },
    });
    await page.getByText("2,000 versions").waitFor();
    await page.getByRole("listbox", { name: "Versions" }).press("End");
    await page.getByRole("option", { name: /Created/ }).waitFor();
    expect(await page.getByRole("option").count()).toBeLessThan(100);
  });
});
