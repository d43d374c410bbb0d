/** The screen of users and roles, as somebody uses it who sets them up. */
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { axe, bytes, describeStores, openPage } from "../support/index.ts";
import { addUsers, as, authClient, command, ROOT_PASSWORD, signIn } from "./support.ts";

const SCREEN = "?screen=users";

function card(page: Page, name: string) {
  return page.getByRole("region", { name, exact: true });
}

describeStores("users and roles", (store) => {
  test("roles are made, and permit what is granted to them", async () => {
    const { page, transport } = await openPage({ store, query: SCREEN });
    const auth = authClient(transport);
    await card(page, "Authentication").getByText("off", { exact: true }).waitFor();
    await addRole(page, "app");
    await card(page, "Roles").getByText("app", { exact: true }).waitFor();
    await command(page, "Add a role…");
    await page.getByRole("textbox", { name: "Name" }).fill("app");
    await page.getByRole("textbox", { name: "Name" }).press("Enter");
    await page.getByText("etcdserver: role name already exists").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await grant(page, "app", "read and write", "Prefix", "/app/");
    await grant(page, "app", "read", "One key", "/k\\xff");
    const table = card(page, "Roles").getByRole("table");
    await table.getByRole("row", { name: /Prefix \/app\/ read and write/ }).waitFor();
    await table.getByRole("row", { name: /One key \/k\\xff read/ }).waitFor();
    const { perm } = await auth.roleGet({ role: "app" });
    expect(perm.map(({ key, rangeEnd }) => [...key, 0, ...rangeEnd])).toEqual([
      [...bytes("/app/"), 0, ...bytes("/app0")],
      [...bytes("/k"), 0xff, 0],
    ]);
    expect(await axe(page)).toEqual([]);
    await command(page, "Delete a role…");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(async () => (await auth.roleList({})).roles).toEqual([]);
  });

  test("users are made, granted roles and deleted", async () => {
    const { page, transport } = await openPage({ store, query: SCREEN });
    const auth = authClient(transport);
    await addRole(page, "app");
    await card(page, "Roles").getByText("app", { exact: true }).waitFor();
    await addUser(page, "alice", "secret", ["app"]);
    await card(page, "Users")
      .getByRole("row", { name: /alice password app/ })
      .waitFor();
    expect((await auth.userGet({ name: "alice" })).roles).toEqual(["app"]);
    expect(await axe(page)).toEqual([]);
    await card(page, "Users").getByRole("button", { name: "Actions for the user alice" }).click();
    await page.getByRole("menuitem", { name: "Roles…" }).click();
    await page.getByLabel("app", { exact: true }).uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(async () => (await auth.userGet({ name: "alice" })).roles).toEqual([]);
    await command(page, "Delete a user…");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(async () => (await auth.userList({})).users).toEqual([]);
  });

  test("authentication is turned on and off: the page is signed in at once, and out again", async () => {
    const { page, transport } = await openPage({ store, query: SCREEN, seed: { "/a": "1" } });
    await card(page, "Authentication").getByRole("button", { name: "Turn on…" }).click();
    await page.getByText("The user root is made").waitFor();
    expect(await axe(page, "[role=dialog]")).toEqual([]);
    await page.getByLabel("Password of root", { exact: true }).fill(ROOT_PASSWORD);
    await page.getByLabel("Password of root again").fill("something else");
    expect(await page.getByRole("button", { name: "Turn on", exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Password of root again").fill(ROOT_PASSWORD);
    await page.getByRole("button", { name: "Turn on", exact: true }).click();
    await page.getByRole("button", { name: "Signed in as root" }).waitFor();
    await card(page, "Users")
      .getByRole("row", { name: /root you password root/ })
      .waitFor();
    expect((await authClient(transport).authStatus({})).enabled).toBe(true);
    await expect(authClient(transport).userList({})).rejects.toThrow(/user name is empty/);
    await as(transport, "root", ROOT_PASSWORD);
    await command(page, "Turn authentication off…");
    await page.getByText("you are signed out").waitFor();
    await page.getByRole("button", { name: "Turn off", exact: true }).click();
    await card(page, "Authentication").getByText("off", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Signed in as root" }).waitFor({ state: "detached" });
    expect((await authClient(transport).userList({})).users).toEqual(["root"]);
  });
});

describeStores("what users may do", (store) => {
  test("is shown over all roles, and tried on a key", async () => {
    const { page, transport } = await openPage({
      store,
      query: SCREEN,
      prepareBy: async (held) => {
        const auth = await addUsers(held);
        await auth.roleAdd({ name: "reader" });
        await auth.roleGrantPermission({
          name: "reader",
          perm: { permType: 0, key: bytes("/"), rangeEnd: bytes("0") },
        });
        await auth.userGrantRole({ user: "alice", role: "reader" });
      },
    });
    expect((await authClient(transport).authStatus({})).enabled).toBe(false);
    const rights = card(page, "What a user may do");
    await rights.getByLabel("User").selectOption("alice");
    await rights.getByRole("row", { name: /Prefix \/app\/ app, reader app/ }).waitFor();
    await rights.getByLabel("Try a key").fill("/app/x");
    await rights.getByText("Read: yes, by the roles app, reader").waitFor();
    await rights.getByText("Write: yes, by the role app").waitFor();
    await rights.getByLabel("Try a key").fill("/shared");
    await rights.getByText("Write: no").waitFor();
    await rights.getByLabel("Try a key").fill("0");
    await rights.getByText("Read: no").waitFor();
    await rights.getByLabel("User").selectOption("root");
    await rights.getByText("Write: yes, by the role root").waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("a user who is not root sees what concerns that user, and is told so", async () => {
    const { page } = await openPage({
      store,
      query: SCREEN,
      prepareBy: async (held) => {
        await (await addUsers(held)).authEnable({});
      },
    });
    await signIn(page, "alice", "alice's password");
    await page.getByText("Only a user who has the role root sees and changes users and roles").waitFor();
    await page.getByText("You are signed in as alice, with the role app.").waitFor();
    const rights = card(page, "What a user may do");
    await rights.getByRole("row", { name: /Prefix \/app\/ app app/ }).waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("who has no password is found out with authentication on", async () => {
    const { page } = await openPage({
      store,
      query: SCREEN,
      prepareBy: async (held) => {
        await (await addUsers(held)).authEnable({});
      },
    });
    await signIn(page, "root", ROOT_PASSWORD);
    await card(page, "Users").getByRole("button", { name: "Who has a password?" }).click();
    await card(page, "Users")
      .getByRole("row", { name: /gateway certificate only/ })
      .waitFor();
    await card(page, "Users")
      .getByRole("row", { name: /alice password/ })
      .waitFor();
  });
});

async function addRole(page: Page, name: string): Promise<void> {
  await card(page, "Roles").getByRole("button", { name: "Add a role" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

async function grant(page: Page, role: string, access: string, keys: string, key: string): Promise<void> {
  await card(page, "Roles")
    .getByRole("button", { name: `Actions for the role ${role}` })
    .click();
  await page.getByRole("menuitem", { name: "Grant a permission…" }).click();
  await page.getByLabel("Access").selectOption(access);
  await page.getByLabel("Keys", { exact: true }).selectOption(keys);
  await page.getByRole("dialog").getByRole("textbox").fill(key);
  await page.getByRole("button", { name: "Grant", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

async function addUser(page: Page, name: string, password: string, roles: readonly string[]): Promise<void> {
  await card(page, "Users").getByRole("button", { name: "Add a user" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(password);
  for (const role of roles) await page.getByLabel(role, { exact: true }).check();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}
