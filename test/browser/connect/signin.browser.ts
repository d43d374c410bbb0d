/** Signing in where authentication is on, and what becomes of work that meets its end. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { WatchResponseSchema } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Clients } from "../../../web/src/store/clients.ts";
import { axe, bytes, describeBrowser, describeStores, type OpenPageOptions, openPage } from "../support/index.ts";
import { ALICE_PASSWORD, addUsers, as, authClient, command, ROOT_PASSWORD, signIn } from "../users/support.ts";

/** Browsers log the replies of HTTP that are no success. */
const REFUSED = /Failed to load resource/;

const SEED = { "/app/a": "1", "/app/b": "2", "/other": "x", "/shared": "s" };

function protectedStore(store: "worker" | "server", query = ""): OpenPageOptions {
  return {
    ...{ store, query, seed: SEED, allowErrors: REFUSED },
    prepareBy: async (transport) => {
      await (await addUsers(transport)).authEnable({});
    },
  };
}

function row(page: Page, name: string) {
  return page.getByRole("row").filter({ hasText: name });
}

describeStores("signing in", (store) => {
  test("is asked for at once; a wrong password is named; who is signed in is shown, and can leave", async () => {
    const { page, clients, transport } = await openPage(protectedStore(store, "?q=/app/"));
    const dialog = page.getByRole("dialog", { name: /^Sign in to/ });
    await dialog.getByText("This store wants a user and a password").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel("User").fill("alice");
    await dialog.getByLabel("Password").fill("wrong");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.getByText("The user’s name or the password is wrong.").waitFor();
    await dialog.getByLabel("User").fill("gateway");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.getByText("known by a client certificate only").waitFor();
    await signIn(page, "alice", ALICE_PASSWORD);
    await row(page, "/app/a").waitFor();
    await page.getByRole("button", { name: "Signed in as alice" }).waitFor();
    const root = await as(transport, "root", ROOT_PASSWORD);
    await clients.kv.put({ key: bytes("/app/c"), value: bytes("3") }, root);
    await row(page, "/app/c").waitFor();
    expect(page.url()).not.toContain("token");
    await page.getByRole("button", { name: "Signed in as alice" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByText("Authentication is on, and nobody is signed in.").waitFor();
    await row(page, "/app/a").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Signed in as alice" }).waitFor({ state: "detached" });
  });

  test("put off, by the banner; what could not be read is then read", async () => {
    const { page } = await openPage(protectedStore(store));
    await page.getByRole("dialog", { name: /^Sign in to/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("The keys could not be listed").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("alert").getByRole("button", { name: "Sign in…" }).click();
    await signIn(page, "root", ROOT_PASSWORD);
    await row(page, "other").waitFor();
  });

  test("again, once the token is no longer valid: a save that was under way goes on, and loses nothing", async () => {
    const { page, clients, transport } = await openPage(protectedStore(store, "?key=/app/a"));
    await signIn(page, "alice", ALICE_PASSWORD);
    await page.getByRole("button", { name: "Edit" }).click();
    await page.locator(".cm-content").first().fill("edited");
    // Whose password is changed is signed in nowhere.
    const root = await as(transport, "root", ROOT_PASSWORD);
    await authClient(transport).userChangePassword({ name: "alice", password: "another" }, root);
    await page.keyboard.press("ControlOrMeta+s");
    const save = page.getByRole("dialog").getByRole("button", { name: "Save", exact: true });
    const again = page.getByRole("dialog", { name: /^Sign in to/ });
    await save.or(again).first().waitFor();
    if (await save.isVisible()) await save.click();
    await again.getByText("The sign-in is no longer valid").waitFor();
    expect(await again.getByLabel("User").inputValue()).toBe("alice");
    await signIn(page, "alice", "another");
    await expect.poll(() => value(clients, "/app/a", root)).toBe("edited");
  });

  test("as somebody else: nothing of the one before is left", async () => {
    const { page } = await openPage(protectedStore(store, "?dock=requests"));
    await signIn(page, "root", ROOT_PASSWORD);
    await row(page, "other").waitFor();
    await command(page, "Sign in…");
    await signIn(page, "alice", ALICE_PASSWORD);
    await page.getByText("alice may not list these keys").waitFor();
    expect(await row(page, "other").count()).toBe(0);
  });
});

describeStores("a user who may not read everything", (store) => {
  test("is offered what he may read, which is live", async () => {
    const { page, clients, transport } = await openPage(protectedStore(store));
    await signIn(page, "alice", ALICE_PASSWORD);
    await page.getByText("alice may not list these keys").waitFor();
    await page.getByText("etcdserver: permission denied").waitFor();
    expect(await axe(page)).toEqual([]);
    const permitted = page.getByRole("list", { name: "What alice may read" });
    await permitted.getByRole("link", { name: "the key /shared" }).waitFor();
    await permitted.getByRole("link", { name: "all under /app/" }).click();
    await row(page, "/app/a").waitFor();
    const root = await as(transport, "root", ROOT_PASSWORD);
    await clients.kv.put({ key: bytes("/app/new"), value: bytes("1") }, root);
    await row(page, "/app/new").waitFor();
    expect(await page.getByText("is not live").count()).toBe(0);
  });
});

describeBrowser("a watch that is refused for good", () => {
  test("is told of with the list, and made again on demand", async () => {
    const { page, clients, context } = await openPage({ store: "server", seed: SEED, waitForStore: false });
    let isRefused = true;
    await context.route("**/etcdlite.v1.Watch/Watch", (route) => {
      if (!isRefused) return route.continue();
      return route.fulfill({ contentType: "application/grpc-web+proto", body: refusal() });
    });
    await page.reload();
    await page.getByText("This list is not live").waitFor();
    await page.getByText("etcdserver: permission denied").waitFor();
    expect(await axe(page)).toEqual([]);
    isRefused = false;
    await page.getByRole("button", { name: "Watch again" }).click();
    await page.getByText("This list is not live").waitFor({ state: "detached" });
    await clients.kv.put({ key: bytes("/later"), value: bytes("1") });
    await row(page, "later").waitFor();
  });
});

/** As etcd refuses a watch (rule WA3), in gRPC-Web: the one message, then the trailers. */
function refusal(): Buffer {
  const cancelReason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
  const response = create(WatchResponseSchema, { created: true, canceled: true, watchId: -1n, cancelReason });
  const frame = (kind: number, data: Uint8Array): Buffer => {
    const head = Buffer.alloc(5);
    head[0] = kind;
    head.writeUInt32BE(data.length, 1);
    return Buffer.concat([head, data]);
  };
  return Buffer.concat([
    frame(0, toBinary(WatchResponseSchema, response)),
    frame(0x80, Buffer.from("grpc-status: 0\r\n")),
  ]);
}

describeStores("passwords and tokens", (store) => {
  test("are shown and kept nowhere", async () => {
    const { page, context } = await openPage(protectedStore(store, "?dock=requests"));
    await signIn(page, "root", ROOT_PASSWORD);
    await row(page, "other").waitFor();
    await page.getByRole("row").filter({ hasText: "Auth/Authenticate" }).click();
    const call = page.getByRole("complementary", { name: "Call of etcdserverpb.Auth/Authenticate" });
    await call.getByText('"password": "********"').waitFor();
    await call.getByRole("tab", { name: "Response" }).click();
    await call.getByText('"token": "********"').waitFor();
    await call.getByRole("tab", { name: "Copy as" }).click();
    await call.getByText("curl", { exact: true }).waitFor();
    const seen = await page.evaluate(() => [
      document.documentElement.outerHTML,
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      location.href,
    ]);
    expect(seen.filter((text) => text.includes(ROOT_PASSWORD))).toEqual([]);
    expect(await context.cookies()).toEqual([]);
  });
});

async function value(clients: Clients, key: string, call: { readonly headers: HeadersInit }): Promise<string> {
  const { kvs } = await clients.kv.range({ key: bytes(key) }, call);
  return Buffer.from(kvs[0]?.value ?? []).toString();
}
