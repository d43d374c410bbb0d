/** The transaction screen as a person uses it. */
import { expect, test } from "vitest";
import { axe, describeStores, openPage, storedText } from "../support/index.ts";

describeStores("the transaction screen", (store) => {
  test("built row by row, shown as text, run: Then, and then Else", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=txn", seed: { "/a": "1" } });
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.getByRole("textbox", { name: "If 1: key" }).fill("/a");
    await page.getByRole("textbox", { name: "If 1: compared with" }).fill("1");
    await page.getByRole("region", { name: "Then" }).getByRole("button", { name: "Put" }).click();
    await page.getByRole("textbox", { name: "Then 1: key" }).fill("/a");
    await page.getByRole("textbox", { name: "Then 1: value" }).fill("2");
    await page.getByRole("region", { name: "Else" }).getByRole("button", { name: "Get" }).click();
    await page.getByRole("textbox", { name: "Else 1: key" }).fill("/a");
    const text = page.getByRole("textbox", { name: "As etcdctl’s text" });
    expect(await text.inputValue()).toBe('value("/a") = "1"\n\nput "/a" "2"\n\nget "/a"\n\n');
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Succeeded: Then ran").waitFor();
    expect(await storedText(clients, "/a")).toBe("2");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Failed: Else ran").waitFor();
    await page.getByRole("region", { name: "Result" }).getByRole("cell", { name: "2", exact: true }).first().waitFor();
    await page.getByRole("link", { name: "/a" }).click();
    await expect.poll(() => new URL(page.url()).search).toContain("key=/a");
  });

  test("typed as text, shown as rows; what cannot be read is said, with its line", async () => {
    const { page } = await openPage({ store, query: "?screen=txn" });
    const text = page.getByRole("textbox", { name: "As etcdctl’s text" });
    await text.fill('mod("/p", "/r") < "7"\n\nput --prev-kv "k" "\\xff"\ndel --prefix "p/"\n\n');
    expect(await page.getByRole("combobox", { name: "If 1: compare" }).inputValue()).toBe("mod");
    expect(await page.getByRole("combobox", { name: "If 1: scope" }).inputValue()).toBe("range");
    expect(await page.getByRole("textbox", { name: "If 1: compared with" }).inputValue()).toBe("7");
    expect(await page.getByRole("textbox", { name: "Then 1: value" }).inputValue()).toBe("\\xff");
    expect(await page.getByRole("combobox", { name: "Then 2: scope" }).inputValue()).toBe("prefix");
    await text.fill('mod("/p") < "7"\n\nmove a b');
    await page.getByText("Line 3: invalid txn request: move a b").waitFor();
    expect(await page.getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Remove Then 2" }).click();
    expect(await text.inputValue()).toContain('put --prev-kv "k"');
    expect(await page.getByRole("button", { name: "Run" }).isEnabled()).toBe(true);
  });

  test("a txn within another runs, and its branch is told", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=txn" });
    const text = page.getByRole("textbox", { name: "As etcdctl’s text" });
    await text.fill('\n\ntxn {\n  create("k") = "0"\n\n  put "k" "new"\n}\n\n');
    await text.fill('\ntxn {\n  create("k") = "0"\n\n  put "k" "new"\n}\n\n');
    await page.getByRole("textbox", { name: "Then 1: txn within" }).waitFor();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("region", { name: "Result" }).getByText("Then ran", { exact: true }).waitFor();
    expect(await storedText(clients, "k")).toBe("new");
  });

  test("the server's error in place; examples; read-only in the past", async () => {
    const { page } = await openPage({ store, query: "?screen=txn", seed: { "/config/mode": "blue" } });
    const text = page.getByRole("textbox", { name: "As etcdctl’s text" });
    await text.fill('\nput "a" "1"\nput "a" "2"\n\n\n');
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("etcdserver: duplicate key given in txn request").waitFor();
    await page.getByRole("button", { name: "Examples" }).click();
    await page.getByRole("menuitem", { name: /Compare and swap/ }).click();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Succeeded: Then ran").waitFor();
    await page.goto(`${page.url()}&rev=2`);
    await page.getByText("The past is read-only.").waitFor();
    expect(await page.getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
  });

  test.each([
    ["light", 1440],
    ["dark", 390],
  ] as const)("%s, %i px: nothing that axe finds", async (theme, width) => {
    const { page } = await openPage({ store, theme, width, query: "?screen=txn" });
    await page.getByRole("button", { name: "Examples" }).click();
    await page.getByRole("menuitem", { name: /Atomic move/ }).click();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Failed: Else ran").waitFor();
    for (const summary of await page.getByText("Options").all()) await summary.click();
    expect(await axe(page, ".txn-both")).toEqual([]);
    expect(await axe(page, ".txn-head")).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(wide).toBe(false);
  });
});
