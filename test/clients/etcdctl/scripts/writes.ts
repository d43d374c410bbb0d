/** put and del with every flag. */
import type { Script } from "./script.ts";

export const puts: Script = {
  name: "put with every flag",
  run: async (ctl) => {
    await ctl.run(["put", "a", "1"]);
    await ctl.run(["put", "a"], { stdin: "from stdin\nsecond line" });
    await ctl.run(["put", "a"]);
    await ctl.run(["put", "a", "2", "--prev-kv"]);
    await ctl.run(["put", "new", "1", "--prev-kv"]);
    await ctl.run(["put", "-w", "fields", "a", "3", "--prev-kv"]);
    await ctl.run(["put", "-w", "json", "a", "4", "--prev-kv"]);
    await ctl.run(["put", "-w", "protobuf", "a", "5", "--prev-kv"]);
    await ctl.run(["put", "empty", "--", ""]);
    await ctl.run(["put", "bytes/ÿ €", "--", "-x\u0001"]);
    await ctl.run(["get", "", "--prefix", "--hex"]);
    const lease = await ctl.grant("LEASE", 600);
    await ctl.run(["put", "a", "leased", `--lease=${lease}`]);
    await ctl.run(["get", "a", "-w", "fields"]);
    await ctl.run(["put", "a", "kept", "--ignore-lease"]);
    await ctl.run(["get", "a", "-w", "json"]);
    await ctl.run(["put", "a", "--ignore-value", "--prev-kv"]);
    await ctl.run(["get", "a", "-w", "fields"]);
    await ctl.run(["put", "a", "--ignore-value", `--lease=${lease}`]);
    await ctl.run(["get", "a", "-w", "fields"]);
    await ctl.run(["put", "", "x"]);
    await ctl.run(["put", "none", "--ignore-value"]);
    await ctl.run(["put", "none", "x", "--ignore-lease"]);
    await ctl.run(["put", "a", "x", "--ignore-lease", `--lease=${lease}`]);
    await ctl.run(["put", "a", "x", "--lease=1234"]);
    await ctl.run(["put", "a", "x", "--lease=nothex"]);
    await ctl.run(["put", "big"], { stdin: "v".repeat(1_500_000) });
    await ctl.run(["put", "too-big"], { stdin: "v".repeat(1_600_000) });
    await ctl.run(["get", "", "--prefix", "--keys-only", "-w", "fields"]);
  },
};

export const deletes: Script = {
  name: "del with every flag",
  run: async (ctl) => {
    for (const key of ["a", "b", "c/1", "c/2", "c/3", "d", "e", "f", "g"]) await ctl.run(["put", key, `of ${key}`]);
    await ctl.run(["del", "a"]);
    await ctl.run(["del", "a"]);
    await ctl.run(["del", "b", "--prev-kv"]);
    await ctl.run(["del", "c/", "--prefix", "--prev-kv"]);
    // Since 3.7 a range without the flag is warned of and waited for.
    const range = ctl.version === "3.7" ? ["--range"] : [];
    await ctl.run(["del", "d", "f", ...range, "--prev-kv", "-w", "fields"]);
    await ctl.run(["del", "f", "e", ...range]);
    await ctl.run(["put", "h", "1"]);
    await ctl.run(["del", "h", "-w", "json", "--prev-kv"]);
    await ctl.run(["put", "h", "2"]);
    await ctl.run(["del", "h", "-w", "protobuf", "--prev-kv"]);
    await ctl.run(["get", "", "--from-key", "-w", "json"]);
    await ctl.run(["del", "f", "--from-key", "--prev-kv"]);
    await ctl.run(["del", "", "--prefix"]);
    await ctl.run(["put", "x", "1"]);
    await ctl.run(["del", "", "--from-key"]);
    await ctl.run(["del", ""]);
    await ctl.run(["del", "none", "-w", "fields"]);
  },
};
