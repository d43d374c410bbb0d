/**
 * member with learners, move-leader and downgrade. A second voter is never added: a real etcd of one member
 * would wait for it with everything from then on.
 */
import type { Ctl } from "../ctl.ts";
import type { Script } from "./script.ts";

const PEER = (host: number): string => `http://192.0.2.${host}:2380`;

/** Where member add prints the new member's id. */
const ADDED = {
  simple: { hex: /^Member +([0-9a-f]+) added/ },
  json: { decimal: /"member":\{"ID":(\d+)/ },
};

/** A learner's life, printed in one format. */
async function liveOnce(ctl: Ctl, format: keyof typeof ADDED, name: string, url: string): Promise<void> {
  const add = (...flags: string[]): string[] => ["member", "add", "new", ...flags];
  await ctl.run([...add("--learner", `--peer-urls=${url}`), "-w", format], { naming: { name, ...ADDED[format] } });
  for (const list of ["simple", "json", "fields", "table"]) await ctl.run(["member", "list", "-w", list]);
  if (ctl.version === "3.7") await ctl.run(["member", "list", "--consistency=s"]);
  await ctl.run(["member", "promote", ctl.id(name)]);
  await ctl.run(["member", "update", ctl.id(name), `--peer-urls=${PEER(9)},${PEER(8)}`, "-w", format]);
  await ctl.run(["member", "list"]);
  await ctl.run(add("--learner", `--peer-urls=${PEER(7)}`));
  await ctl.run(add(`--peer-urls=${PEER(9)}`));
  await ctl.run(["put", "a", "1"]);
  await ctl.run(["member", "remove", ctl.id(name), "-w", format]);
  await ctl.run(["member", "list", "-w", "json"]);
  await ctl.run(["member", "remove", ctl.id(name)]);
  await ctl.run(["member", "promote", ctl.id(name)]);
  await ctl.run(["member", "update", ctl.id(name), `--peer-urls=${PEER(1)}`]);
}

export const learners: Script = {
  name: "member add, update, promote, remove",
  run: async (ctl) => {
    // An id is right-justified to 16 digits, so that a short one has a space before it.
    ctl.hide(/Member +/g, "Member ");
    await liveOnce(ctl, "simple", "LEARNER", PEER(1));
    await liveOnce(ctl, "json", "ANOTHER", PEER(2));
    for (const urls of ["nonsense", "http://host", "ftp://192.0.2.1:2380", "http://192.0.2.1:2380/path", ""]) {
      await ctl.run(["member", "add", "new", "--learner", `--peer-urls=${urls}`]);
    }
    const member = ctl.id("MEMBER");
    await ctl.run(["member", "promote", member]);
    await ctl.run(["member", "promote", "1234"]);
    await ctl.run(["member", "promote", "nonsense"]);
    await ctl.run(["member", "remove", member]);
    await ctl.run(["member", "update", member, `--peer-urls=${PEER(3)}`]);
    await ctl.run(["member", "list"]);
    await ctl.run(["move-leader", "1234"]);
    await ctl.run(["move-leader", member]);
    await ctl.run(["move-leader", "nonsense"]);
    await ctl.run(["endpoint", "status", "-w", "json"]);
    await ctl.run(["get", "a", "-w", "json"]);
  },
};

export const downgrades: Script = {
  name: "downgrade",
  onlyFor: "3.7",
  run: async (ctl) => {
    for (const version of ["3.6", "3.6.0", "3.6.5", "3.5", "3.7", "3.8", "4.0", "2", "x", "v3.6", ""]) {
      await ctl.run(["downgrade", "validate", version]);
    }
    for (const format of ["json", "protobuf", "fields", "table"]) {
      await ctl.run(["downgrade", "validate", "3.6", "-w", format]);
    }
    await ctl.run(["downgrade", "cancel"]);
    await ctl.run(["downgrade", "enable", "3.5"]);
    await ctl.run(["downgrade", "enable", "3.6", "-w", "json"]);
    await ctl.run(["downgrade", "enable", "3.6"]);
    await ctl.run(["downgrade", "validate", "3.6"]);
    await ctl.run(["downgrade", "cancel", "-w", "json"]);
    await ctl.run(["downgrade", "cancel"]);
    await ctl.run(["downgrade", "validate", "3.6"]);
    await ctl.run(["endpoint", "status", "-w", "json"]);
  },
};
