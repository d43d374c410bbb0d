/** Every screen and dialog there is, and a store that gives each something to show: for what must hold of all of them. */
import type { Page } from "playwright";
import type { Clients } from "../../../web/src/store/clients.ts";
import { bytes, seedKeys } from "./seed.ts";

export interface View {
  readonly name: string;
  readonly query: string;
  /** What a person does from there. */
  readonly open?: (page: Page) => Promise<void>;
}

const JSON_KEY = "/config/web/server.json";
const press = (keys: string) => async (page: Page) => page.keyboard.press(keys);
const inDialog = (act: (page: Page) => Promise<void>) => async (page: Page) => {
  await act(page);
  await page.getByRole("dialog").first().waitFor();
};
const command = (title: string) =>
  inDialog(async (page) => {
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("dialog").getByRole("combobox").fill(title);
    await page.getByRole("option", { name: title }).first().click();
    // The palette goes before the dialog that it opens comes.
    await page.getByRole("combobox", { name: /command/i }).waitFor({ state: "detached" });
  });

export const VIEWS: readonly View[] = [
  { name: "keys", query: "" },
  { name: "search", query: "?q=/config/" },
  { name: "key", query: `?key=${JSON_KEY}` },
  { name: "history", query: `?key=${JSON_KEY}&tab=history` },
  { name: "raw", query: `?key=${JSON_KEY}&tab=raw` },
  { name: "bytes", query: "?key=/bin/%FF%00" },
  { name: "no-such-key", query: "?key=/nobody" },
  { name: "past", query: `?key=${JSON_KEY}&rev=3` },
  { name: "edit", query: `?key=${JSON_KEY}`, open: edit },
  { name: "leases", query: "?screen=leases" },
  { name: "txn", query: "?screen=txn" },
  { name: "users", query: "?screen=users" },
  { name: "status", query: "?screen=status" },
  { name: "transfer", query: "?screen=transfer" },
  { name: "settings", query: "?screen=settings" },
  { name: "watch", query: `?key=${JSON_KEY}&dock=watch`, open: press("w") },
  { name: "requests", query: "?dock=requests" },
  { name: "console", query: "?dock=console" },
  { name: "palette", query: "", open: inDialog(press("ControlOrMeta+k")) },
  { name: "help", query: "", open: inDialog(press("?")) },
  { name: "new-key", query: "", open: inDialog(press("n")) },
  { name: "add-watch", query: "?dock=watch", open: command("Add a watch") },
  { name: "connect", query: "", open: command("Connect to a server…") },
  { name: "open-store", query: "", open: command("Open a store in this browser…") },
  { name: "sign-in", query: "", open: command("Sign in…") },
  { name: "auth-on", query: "?screen=users", open: command("Turn authentication on…") },
  { name: "add-user", query: "?screen=users", open: command("Add a user…") },
  { name: "grant-permission", query: "?screen=users", open: command("Grant a permission to a role…") },
  { name: "add-member", query: "?screen=status", open: command("Add a member…") },
  { name: "grant-lease", query: "?screen=leases", open: command("Grant a lease") },
];

async function edit(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Edit" }).waitFor();
  await page.keyboard.press("e");
  await page.locator(".cm-content").first().waitFor();
}

/** Values of every kind, a history, a lease, keys that are no text, and something deleted. */
export async function fillForViews(clients: Clients): Promise<void> {
  await seedKeys(clients, { [JSON_KEY]: '{"port": 80}' });
  await seedKeys(clients, { [JSON_KEY]: '{"port": 8080, "hosts": ["a.example", "b.example"], "tls": false}' });
  await seedKeys(clients, {
    "/config/web/routes.yaml": "routes:\n  - path: /\n    to: web\n  - path: /api\n    to: api\n",
    "/config/db/url": "postgres://db.example:5432/app",
    "/empty": "",
    "/notes": "A value of several lines.\nThe second of them.\n",
    "no-slash": "1",
    "//double": "2",
    "/registry/pods/default/web-0": '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0"}}',
  });
  await seedKeys(clients, new Map([[Uint8Array.of(...bytes("/bin/"), 0xff, 0), Uint8Array.of(0, 1, 2, 0xfe, 0xff)]]));
  await seedKeys(clients, { [JSON_KEY]: '{"port": 8080, "hosts": ["a.example"], "tls": true}', "/gone": "soon" });
  await clients.kv.deleteRange({ key: bytes("/gone") });
  const lease = await clients.lease.leaseGrant({ TTL: 3600n });
  await clients.kv.put({ key: bytes("/sessions/7"), value: bytes("alive"), lease: lease.ID });
}

/** When what the view loads is there: nothing more is fetched and nothing says that it is busy. */
export async function viewIsThere(page: Page): Promise<void> {
  // A dialog hides what is behind it from roles.
  await page.getByRole("region", { name: "Dock", includeHidden: true }).waitFor();
  await page.waitForFunction(() => document.querySelector(".spinner, [aria-busy='true']") === null);
}
