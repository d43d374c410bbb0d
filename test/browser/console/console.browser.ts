/** The console as a person uses it. */
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage, storedText } from "../support/index.ts";

/** A field for a password has no role. */
function prompt(page: Page, kind: "text" | "password" = "text") {
  if (kind === "password") return page.getByLabel("etcdctl command");
  return page.getByRole("textbox", { name: "etcdctl command" });
}

async function type(page: Page, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    await prompt(page).fill(line);
    await prompt(page).press("Enter");
  }
}

function output(page: Page) {
  return page.getByRole("log", { name: "Output" });
}

/** What was printed after a line that was typed. */
async function printedAfter(page: Page, line: string): Promise<string> {
  const text = await output(page).innerText();
  return text.slice(text.lastIndexOf(`$ ${line}`) + line.length + 2).trim();
}

describeStores("the console", (store) => {
  test("stores, reads and deletes; a key leads to its detail", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=console", seed: { "/a/1": "one" } });
    await type(page, "put /a/2 'two words'", "get /a/ --prefix");
    await expect.poll(() => printedAfter(page, "get /a/ --prefix")).toBe("/a/1\none\n/a/2\ntwo words");
    expect(await storedText(clients, "/a/2")).toBe("two words");
    await type(page, "del /a/1 --prev-kv");
    await expect.poll(() => printedAfter(page, "del /a/1 --prev-kv")).toBe("1\n/a/1\none");
    await output(page).getByRole("link", { name: "/a/2" }).first().click();
    await expect.poll(() => new URL(page.url()).search).toContain("key=/a/2");
    expect(new URL(page.url()).search).toContain("dock=console");
  });

  test("keys and values that are no text", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=console" });
    await type(page, "put $'k\\xff' $'\\x00\\xfe'", "get k --prefix");
    await expect.poll(() => printedAfter(page, "get k --prefix")).toBe("k\\xff\n\\x00\\xfe");
    const { kvs } = await clients.kv.range({ key: Uint8Array.of(0x6b, 0xff) });
    expect(kvs[0]?.value).toEqual(Uint8Array.of(0, 0xfe));
  });

  test("a watch prints what happens until Ctrl+C; Esc ends one too", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=console" });
    await type(page, "put w/0 before", "watch w/ --prefix --rev=1");
    await output(page).getByText("before", { exact: true }).waitFor();
    await clients.kv.put({ key: bytes("w/1"), value: bytes("from elsewhere") });
    await output(page).getByText("from elsewhere").waitFor();
    await prompt(page).press("Control+c");
    await output(page).getByText("^C").waitFor();
    await type(page, "get w/1 --print-value-only");
    await expect.poll(() => printedAfter(page, "get w/1 --print-value-only")).toBe("from elsewhere");
    await type(page, "watch w/");
    await page.getByRole("button", { name: "End the command" }).isEnabled();
    await prompt(page).press("Escape");
    await expect.poll(() => output(page).getByText("^C").count()).toBe(2);
  });

  test("a watch beside, by &, prints while other commands run", async () => {
    const { page } = await openPage({ store, query: "?dock=console" });
    await type(page, "watch k --rev=1 &", "put k seen");
    await expect.poll(() => printedAfter(page, "put k seen")).toMatch(/PUT\nk\nseen/);
    await prompt(page).press("Control+c");
    await output(page).getByText("[1] ended").waitFor();
  });

  test("history by the arrow keys, completion by Tab", async () => {
    const seed = { "/app/data": "1", "/app/date": "2", "/it's/here": "3" };
    const { page } = await openPage({ store, query: "?dock=console", seed });
    await type(page, "get one", "get two");
    await prompt(page).press("ArrowUp");
    await prompt(page).press("ArrowUp");
    expect(await prompt(page).inputValue()).toBe("get one");
    await prompt(page).press("ArrowDown");
    expect(await prompt(page).inputValue()).toBe("get two");
    const completed = async (typed: string): Promise<string> => {
      await prompt(page).fill(typed);
      await prompt(page).press("Tab");
      await expect.poll(() => prompt(page).inputValue()).not.toBe(typed);
      return await prompt(page).inputValue();
    };
    expect(await completed("comp")).toBe("compaction ");
    expect(await completed("get --pref")).toBe("get --prefix ");
    expect(await completed("get /ap")).toBe("get /app/");
    expect(await completed("get /app/d")).toBe("get /app/dat");
    await prompt(page).press("Tab");
    await output(page).getByText("/app/data /app/date").waitFor();
    expect(await completed("get /it")).toBe("get '/it'\\''s/'");
    expect(await completed("lease time")).toBe("lease timetolive ");
  });

  test("several lines that are pasted run one after the other, a txn with its parts", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=console" });
    const text = '# a comment\nput a 1\ntxn\nvalue("a") = "1"\n\nput a 2\n\n\nget a\n';
    await prompt(page).evaluate((element, pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
    await expect.poll(() => printedAfter(page, "get a")).toBe("a\n2");
    expect(await storedText(clients, "a")).toBe("2");
  });

  test("a value from what is typed, ended by Ctrl+D", async () => {
    const { page, clients } = await openPage({ store, query: "?dock=console" });
    await type(page, "put k", "first", "second");
    await prompt(page).press("Control+d");
    await output(page).getByText("OK").waitFor();
    expect(await storedText(clients, "k")).toBe("first\nsecond\n");
  });

  test("errors as etcdctl has them, help, clear", async () => {
    const { page } = await openPage({ store, query: "?dock=console" });
    await type(page, "get a --rev=99");
    await output(page).getByText("Error: etcdserver: mvcc: required revision is a future revision").waitFor();
    await type(page, "frobnicate");
    await output(page).getByText('unknown command "frobnicate" for "etcdctl"').waitFor();
    await type(page, "help put");
    await output(page).getByText("--ignore-lease").waitFor();
    await type(page, "clear");
    await output(page).getByText("“help” lists them").waitFor();
  });

  test("ten thousand lines are kept, the last are seen", async () => {
    const seed = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`n/${at}`, "x\n".repeat(39)]));
    const { page } = await openPage({ store, query: "?dock=console", seed });
    await type(page, "get n/ --prefix", "put end here", "get end");
    await expect.poll(() => printedAfter(page, "get end"), { timeout: 20_000 }).toBe("end\nhere");
    await expect.poll(() => output(page).innerText()).toMatch(/^[\d,. ]+ earlier lines are gone/);
    await output(page).getByText("here", { exact: true }).last().isVisible();
  });
});

describeStores("the console's looks", (store) => {
  test.each([
    ["light", 1440],
    ["dark", 390],
  ] as const)("%s, %i px: nothing that axe finds", async (theme, width) => {
    const { page } = await openPage({ store, theme, width, query: "?dock=console", seed: { "/a": "1" } });
    await type(page, "get /a", "get a --rev=99", "member list -w table");
    await output(page).getByText("IS LEARNER").waitFor();
    expect(await axe(page, ".console")).toEqual([]);
  });
});

describeStores("passwords in the console", (store) => {
  test("are typed unseen, and kept neither in what was printed nor in the history", async () => {
    const { page } = await openPage({ store, query: "?dock=console" });
    await type(page, "user add alice");
    await output(page).getByText("Password of alice:").waitFor();
    await expect.poll(() => prompt(page, "password").getAttribute("type")).toBe("password");
    await prompt(page, "password").fill("s3cret");
    await prompt(page, "password").press("Enter");
    await output(page).getByText("again for confirmation").waitFor();
    await prompt(page, "password").fill("s3cret");
    await prompt(page, "password").press("Enter");
    await output(page).getByText("User alice created").waitFor();
    await type(page, "user add bob:s3cret", "role add r", "user list");
    await expect.poll(() => printedAfter(page, "user list")).toBe("alice\nbob");
    await output(page).getByText("$ user add bob:********").waitFor();
    expect(await page.evaluate(() => document.body.innerText + JSON.stringify({ ...sessionStorage }))).not.toContain(
      "s3cret",
    );
    await prompt(page).press("ArrowUp");
    await prompt(page).press("ArrowUp");
    await prompt(page).press("ArrowUp");
    expect(await prompt(page).inputValue()).toBe("user add alice");
  });
});
