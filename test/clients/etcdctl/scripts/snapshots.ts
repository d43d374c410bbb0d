/** snapshot save, and what etcdutl (3.7) or etcdctl (3.4) makes of the file. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Skipped } from "../../harness/suite.ts";
import { findEtcdutl37, MISSING_ETCDUTL37 } from "../../harness/tools.ts";
import type { Ctl } from "../ctl.ts";
import type { Script } from "./script.ts";

async function fill(ctl: Ctl): Promise<void> {
  for (const [key, value] of Object.entries({ a: "1", b: "2", "c/€": "3" })) await ctl.run(["put", key, value]);
  await ctl.run(["del", "b"]);
  const lease = await ctl.grant("LEASE", 600);
  await ctl.run(["put", "leased", "x", `--lease=${lease}`]);
  await ctl.run(["user", "add", "root:pw"]);
  await ctl.run(["role", "add", "reader"]);
  await ctl.run(["role", "grant-permission", "reader", "read", "a", "c"]);
}

/** A snapshot is a file of whole sectors with its own SHA-256 behind it. */
function noteShape(ctl: Ctl, file: string): void {
  const bytes = readFileSync(file);
  const digest = createHash("sha256").update(bytes.subarray(0, -32)).digest();
  ctl.note(`over a multiple of 512 bytes: ${bytes.length % 512}; SHA-256: ${digest.equals(bytes.subarray(-32))}`);
}

export const snapshots: Script = {
  name: "snapshot save, status, restore",
  run: async (ctl) => {
    const file = join(ctl.folder, "snapshot.db");
    const restored = join(ctl.folder, "restored");
    // The hash of a status is of the file's pages, and the size is how much of them is in use.
    ctl.hide(/("hash":)\d+(,"revision":\d+,"totalKey":\d+,"totalSize":)\d+/g, "$1N$2N");
    await fill(ctl);
    await ctl.run(["snapshot", "save", file]);
    noteShape(ctl, file);
    await ctl.run(["snapshot", "save"]);
    await ctl.run(["snapshot", "save", join(ctl.folder, "none", "snapshot.db")]);
    if (ctl.version === "3.4") {
      await ctl.run(["snapshot", "status", file, "-w", "json"]);
      return;
    }
    const etcdutl = findEtcdutl37();
    if (etcdutl === undefined) throw new Skipped(MISSING_ETCDUTL37);
    const util = (...args: string[]): Promise<string> => ctl.runTool("etcdutl", etcdutl, args);
    await util("snapshot", "status", file, "-w", "json");
    await util("snapshot", "restore", file, "--data-dir", restored);
    ctl.note(`restored: ${existsSync(join(restored, "member", "snap", "db"))}`);
    await util("snapshot", "restore", file, "--data-dir", restored);
    // Last, as it writes to the file that it reads; and not of the newest revision, which has a lease's random id.
    await util("hashkv", file, "--rev=3", "-w", "json");
    await util("hashkv", file, "--rev=5", "-w", "json");
    await util("hashkv", join(restored, "member", "snap", "db"), "--rev=5", "-w", "json");
  },
};
