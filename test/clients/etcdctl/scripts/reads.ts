/** get with every flag, in every format, and as a stream. */
import type { Ctl } from "../ctl.ts";
import type { Script } from "./script.ts";

/** Keys whose orders by key, value, version, creation and modification all differ. */
async function fill(ctl: Ctl): Promise<void> {
  for (const [key, value] of [
    ["k/3", "m"],
    ["k/1", "z"],
    ["k/4", "b"],
    ["k/2", "q"],
    ["k/1", "y"],
    ["k/4", "c"],
    ["k/1", "x"],
    ["l", "after"],
    ["k", "before"],
    ["k/5", "a"],
  ] as const) {
    await ctl.run(["put", key, value]);
  }
  await ctl.run(["del", "k/5"]);
}

const SORTS = ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION"];

export const gets: Script = {
  name: "get with every flag",
  run: async (ctl) => {
    await fill(ctl);
    const all = ["get", "k/", "--prefix"];
    await ctl.run(["get", "k/1"]);
    await ctl.run(["get", "none"]);
    await ctl.run(all);
    await ctl.run(["get", "", "--prefix"]);
    await ctl.run(["get", "k/3", "--from-key"]);
    await ctl.run(["get", "", "--from-key"]);
    await ctl.run(["get", "k/2", "k/4"]);
    await ctl.run(["get", "k/4", "k/2"]);
    for (const limit of ["0", "1", "3", "4", "5"]) await ctl.run([...all, `--limit=${limit}`, "-w", "fields"]);
    for (const rev of ["1", "3", "5", "9", "12"]) await ctl.run([...all, `--rev=${rev}`, "-w", "json"]);
    await ctl.run([...all, "--rev=13"]);
    for (const order of ["ASCEND", "DESCEND"]) {
      await ctl.run([...all, `--order=${order}`]);
      for (const sort of SORTS) await ctl.run([...all, `--order=${order}`, `--sort-by=${sort}`, "--limit=3"]);
    }
    for (const sort of SORTS) await ctl.run([...all, `--sort-by=${sort}`, "--limit=2"]);
    await ctl.run([...all, "--keys-only"]);
    await ctl.run([...all, "--keys-only", "-w", "fields"]);
    await ctl.run([...all, "--print-value-only"]);
    await ctl.run(["get", "k/1", "--print-value-only", "--rev=3"]);
    await ctl.run([...all, "--consistency=s"]);
    await ctl.run([...all, "--consistency=l", "-w", "json"]);
    await ctl.run([...all, "--order=up"]);
    await ctl.run(["get", ""]);
    await ctl.run(["get", "k", "--prefix", "--from-key"]);
    if (ctl.version === "3.7") await revisionFilters(ctl, all);
  },
};

/** Flags that 3.4 has not. */
async function revisionFilters(ctl: Ctl, all: string[]): Promise<void> {
  for (const flags of [
    ["--count-only"],
    ["--count-only", "--limit=1"],
    ["--min-create-rev=4"],
    ["--max-create-rev=4"],
    ["--min-mod-rev=6"],
    ["--max-mod-rev=6"],
    ["--min-mod-rev=5", "--max-mod-rev=7"],
    ["--min-create-rev=2", "--max-create-rev=4", "--limit=1"],
    ["--max-create-rev=4", "--order=DESCEND", "--sort-by=CREATE", "--limit=1"],
    ["--min-mod-rev=7", "--max-mod-rev=5"],
  ]) {
    await ctl.run([...all, ...flags, "-w", "fields"]);
  }
}

export const formats: Script = {
  name: "get in every format",
  run: async (ctl) => {
    await fill(ctl);
    await ctl.run(["put", "b\\n\"'", "--", "tab\tnewline\n\u0007"]);
    for (const format of ["simple", "fields", "json", "protobuf", "table", "nonsense"]) {
      await ctl.run(["get", "", "--prefix", "-w", format]);
      await ctl.run(["get", "none", "-w", format]);
    }
    for (const format of ["simple", "fields", "json"]) {
      await ctl.run(["get", "", "--prefix", "-w", format, "--hex"]);
    }
  },
};

export const streams: Script = {
  name: "get --stream",
  onlyFor: "3.7",
  run: async (ctl) => {
    await fill(ctl);
    const all = ["get", "k/", "--prefix", "--stream"];
    await ctl.run(all);
    await ctl.run(["get", "k/1", "--stream", "-w", "json"]);
    await ctl.run(["get", "none", "--stream", "-w", "json"]);
    await ctl.run(["get", "", "--from-key", "--stream", "-w", "fields"]);
    await ctl.run([...all, "--limit=2", "-w", "json"]);
    await ctl.run([...all, "--rev=5", "-w", "json"]);
    await ctl.run([...all, "--rev=50"]);
    await ctl.run([...all, "--keys-only", "-w", "json"]);
    await ctl.run([...all, "--count-only", "-w", "fields"]);
    await ctl.run([...all, "--consistency=s", "-w", "protobuf"]);
    await ctl.run([...all, "--sort-by=KEY", "--order=ASCEND"]);
    await ctl.run([...all, "--sort-by=VALUE", "--order=DESCEND"]);
    await ctl.run([...all, "--min-mod-rev=5"]);
    await ctl.run(["get", "", "--stream"]);
    // More than one chunk: the first has ten keys.
    for (let index = 10; index < 35; index++) {
      await ctl.silent(["put", `big/${index}`], { stdin: `${index}`.repeat(75_000) });
    }
    const big = await ctl.silent(["get", "big/", "--prefix", "--stream", "--print-value-only"]);
    ctl.note(`25 values of 150,000 bytes as a stream: ${big.length} bytes`);
    await ctl.run(["get", "big/", "--prefix", "--stream", "--keys-only", "-w", "fields"]);
  },
};
