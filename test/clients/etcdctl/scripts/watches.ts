/**
 * watch of one key, a range and a prefix, from a revision and live, in every format, interactive and with a
 * command for each event. A watch that must not miss the next put starts at that put's revision: it prints
 * the same whether it attaches before or after it.
 */
import type { Script } from "./script.ts";

const HISTORY = [
  ["put", "w/1", "a"],
  ["put", "w/2", "b"],
  ["put", "w/1", "c"],
  ["del", "w/2"],
  ["put", "x", "d"],
  ["put", "w/3", "e"],
];

export const watches: Script = {
  name: "watch from a revision",
  run: async (ctl) => {
    for (const step of HISTORY) await ctl.run(step);
    for (const [args, lines] of [
      [["watch", "w/1", "--rev=1"], 6],
      [["watch", "w/", "--prefix", "--rev=2"], 15],
      [["watch", "w/", "--prefix", "--rev=2", "--prev-kv"], 19],
      [["watch", "w/2", "w/4", "--rev=3", "--prev-kv"], 11],
      [["watch", "--rev=5", "w/2", "--prev-kv"], 5],
      [["watch", "w/3", "--rev=7", ...(ctl.version === "3.7" ? ["--progress-notify"] : [])], 3],
      [["watch", "", "--prefix", "--rev=6"], 6],
    ] as const) {
      const watch = ctl.start(args);
      await watch.untilLines(lines);
      await watch.interrupt();
    }
    const terminated = ctl.start(["watch", "x", "--rev=1"]);
    await terminated.untilLines(3);
    await terminated.interrupt("SIGTERM");
    await ctl.run(["compaction", "5"]);
    await ctl.run(["watch", "w/1", "--rev=2"]);
    await ctl.run(["watch", "b", "a", "--rev=2"]);
  },
};

export const watchFormats: Script = {
  name: "watch in every format",
  run: async (ctl) => {
    for (const step of HISTORY) await ctl.run(step);
    for (const [format, end] of [
      ["json", "}\n"],
      ["fields", '"Value" : "e"\n"Lease" : 0\n'],
      ["simple", "w/3\ne\n"],
    ] as const) {
      const watch = ctl.start(["watch", "w/", "--prefix", "--rev=2", "--prev-kv", "-w", format]);
      await watch.untilPrinted(end);
      await watch.interrupt();
    }
    const binary = ctl.start(["watch", "w/", "--prefix", "--rev=2", "-w", "protobuf"]);
    await binary.untilPrinted("w/3");
    await binary.interrupt();
  },
};

export const liveWatches: Script = {
  name: "watch live, interactive and with a command",
  run: async (ctl) => {
    const live = ctl.start(["watch", "w/", "--prefix", "--rev=2"]);
    for (const step of HISTORY) await ctl.run(step);
    await live.untilPrinted("w/3\ne\n");
    await live.interrupt();

    const interactive = ctl.start(["watch", "-i"]);
    // A progress reply comes when the watch before it is attached and has caught up.
    interactive.send("watch i/1");
    interactive.send("progress");
    await interactive.untilPrinted("progress notify: 7");
    await ctl.run(["put", "i/1", "one"]);
    await interactive.untilPrinted("one");
    interactive.send("watch i/ --prefix --prev-kv --rev=8");
    await interactive.untilPrinted("one", 2);
    interactive.send("nonsense");
    // Of these only the second watch knows: two at once would print in any order.
    await ctl.run(["put", "i/2", "two"]);
    await interactive.untilPrinted("two");
    await ctl.run(["del", "i/2"]);
    await interactive.untilPrinted("DELETE\ni/2\ntwo\ni/2\n\n");
    await interactive.interrupt();

    const print = 'echo "$ETCD_WATCH_REVISION $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE"';
    const command = ctl.start(["watch", "w/", "--prefix", "--rev=2", "--", "sh", "-c", print]);
    await command.untilPrinted('PUT" "w/3" "e"');
    await command.interrupt();
    const failing = ctl.start(["watch", "x", "--rev=2", "--", "sh", "-c", "exit 3"]);
    await failing.ended();
    const named = ctl.start(["watch", "--rev=2"], { env: { ETCDCTL_WATCH_KEY: "w/1" } });
    await named.untilLines(6);
    await named.interrupt();
  },
};
