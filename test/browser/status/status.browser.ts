import { expect, test } from "vitest";
import { AlarmRequest_AlarmAction, AlarmType } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { axe, describeBrowser, describeStores, openPage } from "../support/index.ts";

describeStores("status", (store) => {
  test("tells where the store stands, and its hash", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=status", seed: { "/a": "1", "/b": "2" } });
    const endpoint = page.getByRole("region", { name: "Endpoint" });
    await endpoint.getByText("3.7.1").waitFor();
    await endpoint.getByText("Nothing was compacted").waitFor();
    await page.getByRole("region", { name: "Members" }).getByText("voter").waitFor();
    await page.getByRole("region", { name: "Alarms" }).getByText("No alarm is raised").waitFor();
    const { hash } = await clients.maintenance.hashKV({ revision: 2n });
    const card = page.getByRole("region", { name: "Hash" });
    await card.getByLabel("Revision to hash").fill("2");
    await card.getByRole("button", { name: "Hash", exact: true }).click();
    await card.getByText(String(hash), { exact: true }).waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("compacts after saying what goes, and only when the revision is typed", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=status", prepare: putThrice });
    const card = page.getByRole("region", { name: "Compaction" });
    await card.getByLabel("Compact up to revision").fill("99");
    await card.getByText("The store is only at revision 4").waitFor();
    await card.getByLabel("Compact up to revision").fill("4");
    await card.getByText("Revisions below 4 cannot be read any more: 3 revisions, 1 to 3.").waitFor();
    await card.getByRole("button", { name: "Compact…" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Compact", exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel("Type 4 to go on").fill("4");
    await dialog.getByRole("button", { name: "Compact", exact: true }).click();
    await page.getByText("4: earlier revisions cannot be read").waitFor();
    await expect(clients.kv.range({ key: Buffer.from("/a"), revision: 3n })).rejects.toThrow(/compacted/);
  });

  test("disarms an alarm", async () => {
    const alarm = AlarmType.NOSPACE;
    const { page, clients } = await openPage({
      store,
      query: "?screen=status",
      prepare: async ({ maintenance }) => {
        const { header } = await maintenance.status({});
        await maintenance.alarm({ action: AlarmRequest_AlarmAction.ACTIVATE, memberID: header?.memberId, alarm });
      },
    });
    const card = page.getByRole("region", { name: "Alarms" });
    await card.getByText("NOSPACE").waitFor();
    await card.getByRole("button", { name: "Disarm…" }).click();
    await page.getByRole("button", { name: "Disarm", exact: true }).click();
    await card.getByText("No alarm is raised").waitFor();
    expect((await clients.maintenance.alarm({})).alarms).toEqual([]);
  });

  test("defragments", async () => {
    const { page } = await openPage({ store, query: "?screen=status" });
    await page.getByRole("button", { name: "Defragment…" }).click();
    await page.getByRole("button", { name: "Defragment", exact: true }).click();
    await page.getByText("Defragmented", { exact: true }).first().waitFor();
  });
});

describeStores("members", (store) => {
  test("are added, changed and removed; etcd's errors stand where they were caused", async () => {
    const { page, clients } = await openPage({ store, query: "?screen=status" });
    const card = page.getByRole("region", { name: "Members" });
    await card.getByRole("button", { name: "Add a member" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Peer URLs").fill("http://127.0.0.1");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText(/etcdserver: given member URLs are invalid/).waitFor();
    expect(await axe(page, "[role=dialog]")).toEqual([]);
    await dialog.getByLabel("Peer URLs").fill("http://127.0.0.1:7001");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await card.getByText("not started").waitFor();
    await card.getByText("learner").waitFor();
    const { members } = await clients.cluster.memberList({});
    const added = members.find(({ isLearner }) => isLearner);
    expect(added?.peerURLs).toEqual(["http://127.0.0.1:7001"]);
    const id = added?.ID.toString(16) ?? "";
    const menu = card.getByRole("button", { name: `Actions for the member ${id}` });
    await menu.click();
    await page.getByRole("menuitem", { name: "Promote to a voter…" }).click();
    await dialog.getByRole("button", { name: "Promote", exact: true }).click();
    await dialog.getByText(/etcdserver: can only promote a learner member which is in sync with leader/).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await menu.click();
    await page.getByRole("menuitem", { name: "Change the peer URLs…" }).click();
    await dialog.getByLabel("Peer URLs").fill("http://127.0.0.1:7002 http://127.0.0.1:7003");
    await dialog.getByRole("button", { name: "Change", exact: true }).click();
    await card.getByText("http://127.0.0.1:7002, http://127.0.0.1:7003").waitFor();
    await menu.click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await card.getByText("not started").waitFor({ state: "detached" });
    expect((await clients.cluster.memberList({})).members).toHaveLength(1);
  });
});

describeBrowser("the storage of a store in this browser", () => {
  test("is described, and erased once its name is typed", async () => {
    const { page, clients } = await openPage({ store: "worker", query: "?screen=status", seed: { "/a": "1" } });
    const card = page.getByRole("region", { name: "Storage in this browser" });
    await card.getByText("IndexedDB, in this browser").waitFor();
    await card.getByRole("button", { name: "Erase the store…" }).click();
    await page.getByLabel("Type default to go on").fill("default");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await page.getByText("The store “default” was erased").first().waitFor();
    const { count, header } = await clients.kv.range({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
    expect([count, header?.revision]).toEqual([0n, 1n]);
  });
});

async function putThrice({ kv }: { readonly kv: { put(put: object): Promise<unknown> } }): Promise<void> {
  for (const value of ["1", "2", "3"]) await kv.put({ key: Buffer.from("/a"), value: Buffer.from(value) });
}
