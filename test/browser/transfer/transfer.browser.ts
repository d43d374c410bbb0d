import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Download, Page } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import type { Clients } from "../../../web/src/store/clients.ts";
import { findEtcdutl, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { axe, describeBrowser, describeStores, openPage } from "../support/index.ts";

const SEED = new Map<string | Uint8Array, string | Uint8Array>([
  ["/app/text", "plain"],
  ["/app/empty", ""],
  ["//app", "two slashes"],
  ["/app/it's", 'quotes " and \\ and\nlines'],
  [Uint8Array.of(0x2f, 0xff, 0xfe), Uint8Array.of(0, 1, 254, 255)],
  ["/big", Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 7) % 256)],
]);

const FORMATS = [
  ["JSON lines (exact)", "jsonl"],
  ["JSON (readable)", "json"],
  ["etcdctl put script", "sh"],
] as const;

describeStores("import and export", (store) => {
  test.for(FORMATS)("%s takes every key out and back", async ([label, extension]) => {
    const { page, clients } = await openPage({ store, query: "?screen=transfer", seed: SEED });
    const before = await everything(clients);
    const { name, path } = await exportAs(page, label);
    expect(name).toBe(`etcd.${extension}`);
    await clients.kv.deleteRange({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
    await chooseFile(page, path);
    const card = page.getByRole("region", { name: "Import", exact: true });
    await card.getByText("6 new").waitFor();
    await card.getByRole("button", { name: "Import 6 keys" }).click();
    await card.getByText("Imported 6 keys").waitFor();
    expect(await everything(clients)).toEqual(before);
  });

  test("a preview counts new, changed and same, and what is there is left alone unless it is to be overwritten", async () => {
    const { page, clients } = await openPage({
      store,
      query: "?screen=transfer",
      seed: { "/same": "1", "/changed": "old", "/other": "x" },
    });
    const file = JSON.stringify([
      { key: "/same", value: "1" },
      { key: "/changed", value: "new" },
      { key: "/new", value: "first" },
      { key: "/new", value: "last" },
      { value: "no key" },
    ]);
    await chooseText(page, "keys.json", file);
    const card = page.getByRole("region", { name: "Import", exact: true });
    for (const count of ["1 new", "1 changed", "1 same", "1 conflicts"]) await card.getByText(count).waitFor();
    await card.getByText("entry 5: neither key nor key_bytes is a text").waitFor();
    await card.getByRole("button", { name: "Import 1 key", exact: true }).waitFor();
    await card.getByLabel("Keys that are there").selectOption("Overwrite");
    expect(await axe(page)).toEqual([]);
    await card.getByRole("button", { name: "Import 2 keys" }).click();
    await card.getByRole("link", { name: "revision 2" }).waitFor();
    expect(await texts(clients)).toEqual({ "/same": "1", "/changed": "new", "/new": "last", "/other": "x" });
  });

  test("a key that somebody changes after the preview is left alone and reported", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=transfer", seed: { "/a": "0" } });
    await chooseText(page, "keys.json", '{"/a":"file","/b":"file"}');
    const card = page.getByRole("region", { name: "Import", exact: true });
    await card.getByText("1 changed").waitFor();
    await card.getByLabel("Keys that are there").selectOption("Overwrite");
    await clients.kv.put({ key: Buffer.from("/a"), value: Buffer.from("theirs") });
    await card.getByRole("button", { name: "Import 2 keys" }).click();
    await card.getByText("changed by somebody else since the preview").waitFor();
    expect(await texts(clients)).toEqual({ "/a": "theirs", "/b": "file" });
  });
});

describeStores("import and export of a part, and of much", (store) => {
  test("a prefix at a revision, under another prefix", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=transfer", seed: { "/old/a": "1", "/x": "1" } });
    await clients.kv.put({ key: Buffer.from("/old/a"), value: Buffer.from("2") });
    await page.getByLabel("Prefix", { exact: true }).fill("/old/");
    await page.getByLabel("At revision").fill("2");
    const { path, name } = await exportAs(page, "JSON (readable)");
    expect(name).toBe("etcd-old-rev2.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual([{ key: "/old/a", value: "1" }]);
    await page.getByLabel("Replace this prefix").fill("/old/");
    await page.getByLabel("By this one").fill("/new/");
    await chooseFile(page, path);
    await page.getByRole("button", { name: "Import 1 key", exact: true }).click();
    await page.getByText("Imported 1 key").waitFor();
    expect(await texts(clients)).toEqual({ "/old/a": "2", "/new/a": "1", "/x": "1" });
  });

  test("thousands of keys go out in pages and back in txns", async () => {
    const seed = new Map(Array.from({ length: 2_500 }, (_, at) => [`/many/${at}`, `value ${at}`] as const));
    const { page, clients } = await openPage({ store, query: "?screen=transfer", seed });
    const { path } = await exportAs(page, "JSON lines (exact)");
    await page.getByText("Exported 2,500 keys").waitFor();
    await clients.kv.deleteRange({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
    await chooseFile(page, path);
    await page.getByRole("button", { name: "Import 2,500 keys" }).click();
    await page.getByText("Imported 2,500 keys").waitFor();
    expect(await texts(clients)).toEqual(Object.fromEntries(seed));
  });
});

describeBrowser("the file of a whole store", () => {
  test("brings back keys, revisions and leases; a damaged one changes nothing", async () => {
    const { page, clients } = await openPage({ store: "worker", query: "?screen=transfer", seed: { "/a": "1" } });
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the store as a file" }).click();
    const saved = await kept(await download);
    await clients.kv.put({ key: Buffer.from("/later"), value: Buffer.from("x") });
    const damaged = readFileSync(saved);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 0xff;
    await openStoreFile(page, { name: "bad.etcdlite", mimeType: "", buffer: damaged });
    await page.getByText("That did not work").waitFor();
    expect(await texts(clients)).toEqual({ "/a": "1", "/later": "x" });
    await openStoreFile(page, { name: "good.etcdlite", mimeType: "", buffer: readFileSync(saved) });
    await page.getByText("The store now holds what good.etcdlite held").waitFor();
    await expect.poll(() => texts(clients)).toEqual({ "/a": "1" });
  });
});

const etcdutl = findEtcdutl();
if (etcdutl === undefined) console.log(`snapshots of the page are not given to etcdutl: ${MISSING_ETCD}`);

describeStores("a snapshot", (store) => {
  test("is saved as etcd's, with its checksum", async () => {
    const { page } = await openPage({ store, query: "?screen=transfer", seed: SEED });
    const saved = readFileSync(await saveSnapshot(page));
    const database = saved.subarray(0, -32);
    expect(createHash("sha256").update(database).digest()).toEqual(saved.subarray(-32));
    expect(await axe(page)).toEqual([]);
  });

  test.skipIf(etcdutl === undefined && !toolsAreRequired())("is one to etcdutl (needs etcdutl 3.7.1)", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=transfer", seed: SEED });
    const path = await saveSnapshot(page);
    const { stdout } = await promisify(execFile)(etcdutl ?? "", ["snapshot", "status", path, "-w", "json"]);
    const { header } = await clients.kv.range({ key: Buffer.from("/big") });
    expect(JSON.parse(stdout)).toMatchObject({ revision: Number(header?.revision) });
  });
});

describeBrowser("a snapshot", () => {
  test("of a server becomes the store in the browser", async () => {
    const server = await openPage({ store: "server", query: "?screen=transfer", seed: { "/from": "a server" } });
    const snapshot = readFileSync(await saveSnapshot(server.page));
    const { page, clients } = await openPage({ store: "worker", query: "?screen=transfer", seed: { "/a": "1" } });
    await openStoreFile(page, { name: "etcd.db", mimeType: "", buffer: snapshot.subarray(0, 4096) });
    await page.getByText("That did not work").waitFor();
    expect(await texts(clients)).toEqual({ "/a": "1" });
    await openStoreFile(page, { name: "etcd.db", mimeType: "", buffer: snapshot });
    await page.getByText("The store now holds what etcd.db held").waitFor();
    await expect.poll(() => texts(clients)).toEqual({ "/from": "a server" });
  });
});

async function saveSnapshot(page: Page): Promise<string> {
  const started = page.waitForEvent("download");
  await page.getByRole("region", { name: "Snapshot" }).getByRole("button", { name: "Save a snapshot" }).click();
  const download = await started;
  await page.getByText("Its checksum is right").waitFor();
  expect(download.suggestedFilename()).toMatch(/^etcd-rev\d+\.db$/);
  return await kept(download);
}

interface TestFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

async function openStoreFile(page: Page, file: TestFile): Promise<void> {
  const card = page.getByRole("region", { name: "The whole store" });
  await card.locator("input[type=file]").setInputFiles(file);
  await page.getByLabel("Type default to go on").fill("default");
  await page.getByRole("button", { name: "Replace", exact: true }).click();
}

async function exportAs(page: Page, format: string): Promise<{ readonly name: string; readonly path: string }> {
  const card = page.getByRole("region", { name: "Export", exact: true });
  await card.getByLabel("Format").selectOption(format);
  const started = page.waitForEvent("download");
  await card.getByRole("button", { name: "Export", exact: true }).click();
  const download = await started;
  return { name: download.suggestedFilename(), path: await kept(download) };
}

/** A downloaded file, until the test is over. */
async function kept(download: Download): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-download-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

async function chooseFile(page: Page, path: string): Promise<void> {
  await page.getByRole("region", { name: "Import", exact: true }).locator("input[type=file]").setInputFiles(path);
}

async function chooseText(page: Page, name: string, text: string): Promise<void> {
  const card = page.getByRole("region", { name: "Import", exact: true });
  const file = { name, mimeType: "application/json", buffer: Buffer.from(text) };
  await card.locator("input[type=file]").setInputFiles(file);
}

/** Keys and values in hex, large values by their digest. */
async function everything(clients: Clients): Promise<string[]> {
  const { kvs } = await clients.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
  return kvs.map(({ key, value }) => `${Buffer.from(key).toString("hex")}=${digest(value)}`);
}

function digest(value: Uint8Array): string {
  return value.length < 100
    ? Buffer.from(value).toString("hex")
    : `${createHash("sha256").update(value).digest("hex")}`;
}

async function texts(clients: Clients): Promise<Record<string, string>> {
  const { kvs } = await clients.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
  return Object.fromEntries(kvs.map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).toString()]));
}
