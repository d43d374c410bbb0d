import { expect, onTestFinished, test } from "vitest";
import { DeletedKeys } from "../../../web/src/keys/deleted/deletedkeys.ts";
import { prefixRange, toDisplay } from "../../../web/src/store/bytes.ts";
import { bytes } from "../../rpc/support/show.ts";
import { type Store, storeWith } from "./support.ts";

function deletedIn(store: Store, prefix = "", fromRevision = 1): DeletedKeys {
  const deleted = new DeletedKeys({
    kv: store.target.kv,
    open: (request, signal) => store.target.browserWatch.watch(request, { signal }),
    range: prefixRange(bytes(prefix)),
    fromRevision,
  });
  void deleted.start();
  onTestFinished(() => deleted.close());
  return deleted;
}

function shown(deleted: DeletedKeys): string[] {
  return deleted.state.value.keys.map(({ key, revision }) => `${toDisplay(key)} ${revision}`);
}

test("keys that are gone are listed, the last one first, and those that came back are not", async () => {
  const store = await storeWith("/a", "/b", "/c", "x", "\xff");
  await store.remove("/a");
  await store.remove("/b");
  await store.put("/b");
  await store.remove("x");
  await store.remove("\xff");
  const deleted = deletedIn(store);
  await expect.poll(() => deleted.state.value.isReading).toBe(false);
  expect(shown(deleted)).toEqual(["\\xff 7", "x 6", "/a 3"]);
});

test("the list goes on with what is deleted and put", async () => {
  const store = await storeWith("/a", "/b");
  const deleted = deletedIn(store, "/");
  await store.remove("/a");
  await expect.poll(() => shown(deleted)).toEqual(["/a 3"]);
  await store.remove("/b");
  await expect.poll(() => shown(deleted)).toEqual(["/b 4", "/a 3"]);
  await store.put("/a");
  deleted.came([bytes("/a")]);
  expect(shown(deleted)).toEqual(["/b 4"]);
});

test("history that is gone is an error, said once", async () => {
  const store = await storeWith("/a");
  await store.remove("/a");
  await store.put("/b");
  await store.target.kv.compact({ revision: 4n });
  const deleted = deletedIn(store);
  await expect
    .poll(() => deleted.state.value.error?.rawMessage)
    .toBe("The history below revision 4 has been compacted.");
});
