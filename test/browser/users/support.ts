/** Users and roles that are there before the page is, and calls in the name of one of them. */
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import type { Page } from "playwright";
import { Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { Auth } from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { bytes } from "../support/seed.ts";

export const ROOT_PASSWORD = "root's password";
export const ALICE_PASSWORD = "alice's password";

export function authClient(transport: Transport): Client<typeof Auth> {
  return createClient(Auth, transport);
}

/** root; alice, who may read and write under /app/ and read /shared; a certificate's user. Authentication stays off. */
export async function addUsers(transport: Transport): Promise<Client<typeof Auth>> {
  const auth = authClient(transport);
  await auth.userAdd({ name: "root", password: ROOT_PASSWORD });
  await auth.roleAdd({ name: "root" });
  await auth.userGrantRole({ user: "root", role: "root" });
  await auth.roleAdd({ name: "app" });
  const app = { permType: Permission_Type.READWRITE, key: bytes("/app/"), rangeEnd: bytes("/app0") };
  await auth.roleGrantPermission({ name: "app", perm: app });
  await auth.roleGrantPermission({ name: "app", perm: { permType: Permission_Type.READ, key: bytes("/shared") } });
  await auth.userAdd({ name: "alice", password: ALICE_PASSWORD });
  await auth.userGrantRole({ user: "alice", role: "app" });
  await auth.userAdd({ name: "gateway", options: { noPassword: true } });
  return auth;
}

/** The header of a call by a user. */
export async function as(transport: Transport, name: string, password: string): Promise<{ headers: HeadersInit }> {
  const { token } = await authClient(transport).authenticate({ name, password });
  return { headers: { authorization: token } };
}

/** Fills the sign-in dialog, which is or will be open. */
export async function signIn(page: Page, user: string, password: string): Promise<void> {
  const dialog = page.getByRole("dialog", { name: /^Sign in to/ });
  await dialog.getByLabel("User").fill(user);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByLabel("Password").press("Enter");
  await dialog.waitFor({ state: "detached" });
}

/** Runs what the palette calls so. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("dialog").getByRole("combobox").fill(title);
  await page.getByRole("option", { name: title }).first().click();
  await page.getByRole("combobox", { name: /command/i }).waitFor({ state: "detached" });
}
