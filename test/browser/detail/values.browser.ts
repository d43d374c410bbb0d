/** Values of every kind: what they are shown as, and that their bytes survive being edited. */
import { expect, test } from "vitest";
import { axe, bytes, describeBrowser, describeStores, openPage } from "../support/index.ts";
import { editor, KEY, saveDialog, startEditing, typeInstead } from "./support.ts";

const MIB = 1024 * 1024;

describeStores("a value", (store) => {
  test("that is no text is shown and edited byte for byte", async () => {
    const value = Uint8Array.from({ length: 256 }, (_, at) => at);
    const { page, clients } = await openPage({ store, seed: { "/bin": value }, query: "?key=/bin" });
    const dump = page.getByRole("region", { name: "Value as a hex dump" });
    await dump.getByText("000000f0").waitFor();
    await dump.getByText("@ABCDEFGHIJKLMNO").waitFor();
    expect(await axe(page, KEY)).toEqual([]);
    await page.getByLabel("View").selectOption({ label: "Base64" });
    await page.getByText("AAECAwQFBgcICQoLDA0ODxAR").waitFor();
    await startEditing(page);
    await page.getByLabel("Form").selectOption({ label: "As text" });
    await page.getByText("These bytes are not UTF-8").waitFor();
    await editor(page).press("Control+Home");
    await page.keyboard.press("Delete");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText("ff");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByText("00000000").first().waitFor();
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    const stored = async () => Buffer.from((await clients.kv.range({ key: bytes("/bin") })).kvs[0]?.value ?? []);
    await expect.poll(stored).toEqual(Buffer.from(value.with(0, 0xff)));
  });

  test("keeps its line ends when it is edited as text", async () => {
    const text = "one\r\ntwo\rthree\n\tend";
    const { page, clients } = await openPage({ store, seed: { "/crlf": text }, query: "?key=/crlf" });
    await startEditing(page);
    await editor(page).press("Control+End");
    await page.keyboard.insertText("!");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    const stored = async () => Buffer.from((await clients.kv.range({ key: bytes("/crlf") })).kvs[0]?.value ?? []);
    await expect.poll(async () => (await stored()).toString()).toBe(`${text}!`);
  });

  test("of a mebibyte opens plain, without a freeze", async () => {
    const value = `{"items":[${"1234567,".repeat(MIB / 8)}0]}`;
    const { page } = await openPage({ store, seed: { "/big": value, "/small": "s" }, query: "?key=/small" });
    await page.getByRole("article", { name: "Key /small" }).getByText("s", { exact: true }).waitFor();
    await page.evaluate(() => {
      const longest = { ms: 0 };
      Object.assign(window, { longest });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
      }).observe({ type: "longtask" });
      history.replaceState(null, "", location.href.replace("key=/small", "key=/big"));
    });
    await page.getByText("its first 32 KiB are shown").waitFor();
    const longestMs = await page.evaluate(() => (window as unknown as { longest: { ms: number } }).longest.ms);
    expect(longestMs).toBeLessThan(1_000);
    await page.getByLabel("View").selectOption({ label: "Hex dump" });
    await page.getByRole("region", { name: "Value as a hex dump" }).press("End");
    await page.getByText("00100000").first().waitFor();
    await page.getByLabel("View").selectOption({ label: "Text" });
    await page.getByRole("button", { name: "Open all of it" }).click();
    await page.getByRole("textbox", { name: "Value" }).waitFor();
  });

  test("that is empty says so, and is not no value", async () => {
    const { page, clients } = await openPage({ store, seed: { "/empty": "" }, query: "?key=/empty" });
    await page.getByRole("heading", { name: "The value is empty" }).waitFor();
    await startEditing(page);
    await typeInstead(page, "x");
    await page.keyboard.press("Control+s");
    await saveDialog(page).getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(async () => (await clients.kv.range({ key: bytes("/empty") })).kvs[0]?.value.length).toBe(1);
  });
});

const PROTO = 'syntax = "proto3"; package shop; message Item { string name = 1; int32 count = 2; }';
/** name: "tea", count: 3 */
const ITEM = Uint8Array.of(0x0a, 3, 0x74, 0x65, 0x61, 0x10, 3);
const POD = Uint8Array.from([
  ...bytes("k8s\0"),
  ...[0x0a, 9, 0x0a, 2, ...bytes("v1"), 0x12, 3, ...bytes("Pod")],
  ...[0x12, 7, 0x0a, 5, 0x0a, 3, ...bytes("web")],
]);

describeBrowser("a value's kind", () => {
  test("protobuf: by field numbers, then by a .proto file that is remembered", async () => {
    const { page } = await openPage({ store: "server", seed: { "/item": ITEM, "/other": ITEM }, query: "?key=/item" });
    await page.getByLabel("View").selectOption({ label: "Protobuf" });
    await page.getByText('1: "tea"').waitFor();
    const file = { name: "shop.proto", mimeType: "text/plain", buffer: Buffer.from(PROTO) };
    await page.getByLabel(".proto files").setInputFiles(file);
    await page.getByText('"name": "tea"').waitFor();
    expect(await page.getByLabel("Message type").inputValue()).toBe("shop.Item");
    expect(await axe(page, KEY)).toEqual([]);
    await page.evaluate(() => history.replaceState(null, "", location.href.replace("key=/item", "key=/other")));
    await page.getByRole("article", { name: "Key /other" }).waitFor();
    await page.getByLabel("View").selectOption({ label: "Protobuf" });
    await page.getByText('"count": 3').waitFor();
  });

  test("Kubernetes objects by their names", async () => {
    const { page } = await openPage({
      store: "server",
      seed: { "/registry/pods/web": POD },
      query: "?key=/registry/pods/web",
    });
    await page.getByText("Kubernetes v1 Pod").waitFor();
    await page.getByText("name: web").waitFor();
  });

  test.each(["light", "dark"] as const)("JSON and YAML in colours that can be read, %s", async (theme) => {
    const seed = { "/json": '{"a":[1,true,null,"text"]}', "/yaml": "# note\na: 1\nb:\n  - text\n" };
    const { page } = await openPage({ store: "server", theme, seed, query: "?key=/json" });
    await page.getByText("Indented for reading").waitFor();
    expect(await axe(page, KEY)).toEqual([]);
    await page.evaluate(() => history.replaceState(null, "", location.href.replace("key=/json", "key=/yaml")));
    await page.getByText("# note").waitFor();
    await page.keyboard.press("Control+f");
    await page.getByRole("textbox", { name: "Find" }).fill("text");
    expect(await axe(page, KEY)).toEqual([]);
  });

  test("a narrow page has a way back to the keys", async () => {
    const { page } = await openPage({ store: "server", width: 390, seed: { "/a": "1" }, query: "?key=/a" });
    await page.getByRole("article", { name: "Key /a" }).waitFor();
    expect(await axe(page, KEY)).toEqual([]);
    await page.getByRole("button", { name: "Back to the keys" }).click();
    await page.getByRole("region", { name: "Keys" }).waitFor();
  });
});
