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

export const mirrors: Script = {
  name: "make-mirror",
  run: async (ctl) => {
    for (const [key, value] of Object.entries({ "src/1": "a", "src/2": "b", other: "c" })) {
      await ctl.run(["put", key, value]);
    }
    const mirror = ctl.start(["make-mirror", "--prefix", "src/", "--dest-prefix", "dst/", ctl.endpoint]);
    const until = async (key: string, value: string): Promise<void> => {
      while ((await ctl.silent(["get", key, "--print-value-only"])).trim() !== value);
    };
    await until("dst/2", "b");
    await ctl.run(["put", "src/3", "d"]);
    await until("dst/3", "d");
    await ctl.run(["del", "src/1"]);
    await until("dst/1", "");
    await ctl.run(["get", "dst/", "--prefix"]);
    await mirror.interrupt();
  },
};
