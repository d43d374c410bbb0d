/** lock, elect and make-mirror: etcdctl makes them of KV, Lease and Watch alone. */
import type { Script } from "./script.ts";

/** Names with a lease id in them: KEY/LEASE. */
function withoutLease(text: string): string {
  return text.replaceAll(/\/[0-9a-f]{8,16}\b/g, "/LEASE");
}

export const locks: Script = {
  name: "lock",
  run: async (ctl) => {
    await ctl.run(["lock", "l", "echo", "held"]);
    await ctl.run(["get", "l", "--prefix", "--keys-only"]);
    ctl.note("a second lock waits for the first");
    const args = ["lock", "l", "sh", "-c", "echo locked; read line; echo released"];
    const first = ctl.start(args);
    await first.untilPrinted("locked");
    const second = ctl.start(["lock", "l", "echo", "second"]);
    let keys = "";
    while (keys.trim().split("\n").length < 2) {
      keys = (await ctl.silent(["get", "l/", "--prefix", "--keys-only"])).replaceAll("\n\n", "\n");
    }
    ctl.note(`waiting: ${withoutLease(keys.trim().replaceAll("\n", " "))}`);
    first.send("");
    await first.ended();
    await second.ended();
    await ctl.run(["get", "l", "--prefix", "--keys-only"]);
  },
};

export const elections: Script = {
  name: "elect",
  run: async (ctl) => {
    const first = ctl.start(["elect", "e", "first"]);
    await first.untilPrinted("first");
    const observer = ctl.start(["elect", "-l", "e"]);
    await observer.untilPrinted("first");
    const second = ctl.start(["elect", "e", "second"]);
    let waiting = 0;
    while (waiting < 2) {
      const count = await ctl.silent(["get", "e/", "--prefix", "--count-only", "-w", "fields"]);
      waiting = Number(/"Count" : (\d+)/.exec(count)?.[1]);
    }
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
    const target = new URL(ctl.url).host;
    const mirror = ctl.start(["make-mirror", "--prefix", "src/", "--dest-prefix", "dst/", target]);
    const until = async (key: string, value: string): Promise<void> => {
      while ((await ctl.silent(["get", key, "--print-value-only"])).trim() !== value) continue;
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
