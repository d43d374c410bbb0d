/** lock, elect and make-mirror: etcdctl makes them of KV, Lease and Watch alone. */
import type { Ctl } from "../ctl.ts";
import type { Script } from "./script.ts";

/** Both put keys named PREFIX/LEASE-ID. */
const LEASE_IN_KEY = /\b([el]\/)[0-9a-f]{8,16}\b/g;

/** Waits until the second has put its key too, and so waits behind the first. */
async function untilCount(ctl: Ctl, prefix: string, count: number): Promise<void> {
  let printed = "";
  while (!printed.includes(`"Count" : ${count}\n`)) {
    printed = await ctl.silent(["get", prefix, "--prefix", "--keys-only", "-w", "fields"]);
  }
}

export const locks: Script = {
  name: "lock",
  run: async (ctl) => {
    ctl.hide(LEASE_IN_KEY, "$1LEASE");
    await ctl.run(["lock", "l", "echo", "held"]);
    await ctl.run(["get", "l", "--prefix", "--keys-only"]);
    // Without a command the lock is held until a signal comes.
    const first = ctl.start(["lock", "l"]);
    await first.untilLines(1);
    const second = ctl.start(["lock", "l", "echo", "second"]);
    await untilCount(ctl, "l/", 2);
    await first.interrupt();
    await second.ended();
    await ctl.run(["get", "l", "--prefix", "--keys-only"]);
    await ctl.run(["lock", "l", "--ttl", "30", "--", "sh", "-c", "echo $ETCD_LOCK_KEY $ETCD_LOCK_REV; exit 3"]);
    await ctl.run(["lock", "l", "--ttl=0", "no-such-program"]);
    await ctl.run(["lock"]);
    // Who waits is told to end: it goes without having held the lock.
    const holder = ctl.start(["lock", "l"]);
    await holder.untilLines(1);
    const waiting = ctl.start(["lock", "l", "echo", "never"]);
    await untilCount(ctl, "l/", 2);
    await waiting.interrupt("SIGTERM");
    await untilCount(ctl, "l/", 1);
    await holder.interrupt("SIGTERM");
    await ctl.run(["get", "l", "--prefix", "--keys-only", "-w", "json"]);
  },
};

export const elections: Script = {
  name: "elect",
  run: async (ctl) => {
    ctl.hide(LEASE_IN_KEY, "$1LEASE");
    const first = ctl.start(["elect", "e", "first"]);
    await first.untilPrinted("first");
    const observer = ctl.start(["elect", "-l", "e"]);
    await observer.untilPrinted("first");
    const second = ctl.start(["elect", "e", "second"]);
    await untilCount(ctl, "e/", 2);
    await first.interrupt();
    await second.untilPrinted("second");
    await observer.untilPrinted("second");
    await second.interrupt();
    await observer.interrupt();
    await ctl.run(["get", "e", "--prefix", "--keys-only"]);
  },
};

/** Waits until the key has this value; "" where it is gone. */
async function untilValue(ctl: Ctl, key: string, value: string, flags: readonly string[] = []): Promise<void> {
  while ((await ctl.silent([...flags, "get", key, "--print-value-only"])).trim() !== value);
}

export const mirrors: Script = {
  name: "make-mirror",
  run: async (ctl) => {
    for (const [key, value] of Object.entries({ "src/1": "a", "src/2": "b", other: "c" })) {
      await ctl.run(["put", key, value]);
    }
    const mirror = ctl.start(["make-mirror", "--prefix", "src/", "--dest-prefix", "dst/", ctl.endpoint]);
    await untilValue(ctl, "dst/2", "b");
    await ctl.run(["put", "src/3", "d"]);
    await untilValue(ctl, "dst/3", "d");
    await ctl.run(["del", "src/1"]);
    await untilValue(ctl, "dst/1", "");
    await ctl.run(["get", "dst/", "--prefix"]);
    await mirror.interrupt();
    if (ctl.version === "3.7") await mirrorsOf37(ctl);
  },
};

/** What 3.4 has not: from a revision on, in parts, to a destination that wants a user. */
async function mirrorsOf37(ctl: Ctl): Promise<void> {
  await ctl.run(["make-mirror", "--no-dest-prefix", "--dest-prefix", "x", ctl.endpoint]);
  await ctl.run(["make-mirror"]);
  const txn = Array.from({ length: 5 }, (_, index) => `put many/${index} x`).join("\n");
  const rev = (await ctl.revision()) + 1;
  await ctl.run(["txn"], { stdin: `\n${txn}\n\n\n` });
  const inParts = ["--prefix", "many/", "--dest-prefix", "parts/", `--rev=${rev}`, "--max-txn-ops=2"];
  const parts = ctl.start(["make-mirror", ...inParts, ctl.endpoint]);
  await untilValue(ctl, "parts/4", "x");
  await parts.interrupt();
  await ctl.run(["get", "parts/", "--prefix", "-w", "fields"]);
  await ctl.run(["compaction", String(rev)]);
  // A revision that is gone ends it; the key space before it would be mirrored from --rev=0 on.
  await ctl.run(["make-mirror", "--prefix", "src/", "--dest-prefix", "gone/", "--rev=3", ctl.endpoint]);
  await ctl.silent(["user", "add", "root:pw"]);
  await ctl.silent(["auth", "enable"]);
  const root = ["--user", "root:pw"];
  const withUser = ["--prefix", "src/", "--no-dest-prefix", "--dest-user", "root", "--dest-password", "pw"];
  const authorised = ctl.start([...root, "make-mirror", ...withUser, ctl.endpoint]);
  await untilValue(ctl, "3", "d", root);
  await authorised.interrupt();
  await ctl.run([...root, "make-mirror", "--prefix", "src/", "--dest-prefix", "no/", ctl.endpoint]);
  await ctl.run([...root, "get", "2", "4"]);
}
