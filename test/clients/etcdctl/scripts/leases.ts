/** lease grant, timetolive, list, keep-alive once and streaming, revoke. */
import type { Script } from "./script.ts";

export const leases: Script = {
  name: "lease grant, timetolive, list, revoke",
  run: async (ctl) => {
    await ctl.run(["lease", "list"]);
    const later = await ctl.grant("LATER", 900);
    const sooner = await ctl.grant("SOONER", 600);
    await ctl.run(["lease", "list"]);
    await ctl.run(["lease", "list", "-w", "json"]);
    await ctl.run(["lease", "list", "-w", "fields"]);
    for (const key of ["l/2", "l/1", "l/3"]) await ctl.run(["put", key, "x", `--lease=${sooner}`]);
    await ctl.run(["lease", "timetolive", sooner]);
    await ctl.run(["lease", "timetolive", later, "--keys"]);
    // etcd lists the keys of a lease in no order of its own.
    const keys = await ctl.silent(["lease", "timetolive", sooner, "--keys"]);
    const sorted = /attached keys\(\[(.*)\]\)/.exec(keys)?.[1]?.split(" ").sort();
    ctl.note(`keys of SOONER: ${sorted}`);
    await ctl.run(["put", "l/3", "moved", `--lease=${later}`]);
    await ctl.run(["put", "l/2", "detached"]);
    await ctl.run(["lease", "timetolive", sooner, "--keys"]);
    await ctl.run(["lease", "timetolive", later, "--keys"]);
    await ctl.run(["lease", "revoke", sooner]);
    await ctl.run(["get", "l/", "--prefix", "-w", "json"]);
    await ctl.run(["lease", "revoke", sooner]);
    await ctl.run(["lease", "timetolive", sooner]);
    await ctl.run(["lease", "timetolive", sooner, "--keys", "-w", "json"]);
    await ctl.run(["lease", "revoke", later, "-w", "json"]);
    await ctl.run(["get", "l/", "--prefix", "-w", "json"]);
    await ctl.run(["lease", "grant", "9000000001"]);
    await ctl.run(["lease", "grant", "soon"]);
    await ctl.run(["lease", "list"]);
    const granted = await ctl.silent(["lease", "grant", "0"]);
    ctl.note(`lease grant 0: ${granted.replace(/[0-9a-f]{16}/, "ID").trim()}`);
  },
};

export const keepAlives: Script = {
  name: "lease keep-alive",
  run: async (ctl) => {
    const lease = await ctl.grant("LEASE", 600);
    await ctl.run(["lease", "keep-alive", lease, "--once"]);
    await ctl.run(["lease", "keep-alive", lease, "--once", "-w", "json"]);
    await ctl.run(["lease", "keep-alive", lease, "--once", "-w", "fields"]);
    const streaming = ctl.start(["lease", "keep-alive", lease]);
    await streaming.untilLines(1);
    await streaming.interrupt();
    await ctl.run(["lease", "keep-alive", "1234", "--once"]);
    await ctl.run(["lease", "keep-alive", "1234"]);
    // Three seconds: renewed each second, so the stream sees a revoke soon.
    const short = await ctl.grant("SHORT", 3);
    await ctl.run(["put", "s", "x", `--lease=${short}`]);
    const kept = ctl.start(["lease", "keep-alive", short]);
    await kept.untilLines(2);
    await ctl.run(["lease", "revoke", short]);
    const printed = await kept.ended();
    ctl.note(`keep-alive ended: ${printed.includes("expired or revoked")}`);
    await ctl.run(["get", "s"]);
    await ctl.run(["lease", "revoke", lease]);
  },
};
