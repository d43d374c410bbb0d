/** txn from stdin: compares of every target and operator, all three kinds of request, errors. */
import type { Script } from "./script.ts";

/** The three parts of a transaction, as etcdctl reads them. */
function parts(compares: string[], success: string[], failure: string[]): string {
  return [compares, success, failure].map((lines) => `${lines.join("\n")}${lines.length > 0 ? "\n" : ""}\n`).join("");
}

const COMPARES = [
  'value("a") = "1"',
  'value("a") > "0"',
  'value("a") < "0"',
  'value("a") != "2"',
  'val("none") = ""',
  'version("a") = "1"',
  'ver("none") = "0"',
  'create("a") = "2"',
  'c("none") = "0"',
  'mod("a") > "1"',
  'm("a") < "2"',
  'mod("a") != "2"',
];

export const txns: Script = {
  name: "txn from stdin",
  run: async (ctl) => {
    await ctl.run(["put", "a", "1"]);
    for (const compare of COMPARES) {
      await ctl.run(["txn"], { stdin: parts([compare], ["get a"], ["get none"]) });
    }
    await ctl.run(["txn", "-i"], { stdin: parts(['value("a") = "1"'], ["put a 2", "get a"], ["put b 1"]) });
    await ctl.run(["txn", "--interactive"], { stdin: parts(['value("a") = "1"'], ["put a 3"], ["put b 1", "get b"]) });
    const both = ['mod("a") > "0"', 'version("b") = "1"'];
    const many = ["put c 1", "put c/1 1 --prev-kv", "get c --prefix", "del c --prefix --prev-kv", "get c --prefix"];
    for (const format of ["simple", "fields", "json", "protobuf"]) {
      await ctl.run(["txn", "-w", format], { stdin: parts(both, many, []) });
    }
    await ctl.run(["txn"], { stdin: parts([], [], []) });
    await ctl.run(["txn", "-w", "json"], { stdin: parts([], ["del none"], []) });
    await ctl.run(["txn"], { stdin: parts([], ['put "quoted key" "quoted\\nvalue"', 'get "quoted key"'], []) });
    const lease = await ctl.grant("LEASE", 600);
    await ctl.run(["txn", "-w", "json"], { stdin: parts([], [`put a 4 --lease=${lease}`, "get a"], []) });
    await ctl.run(["txn", "-w", "json"], { stdin: parts([], ["get a --rev=2", "get a"], []) });
    await ctl.run(["get", "", "--prefix", "-w", "json"]);
  },
};

export const txnErrors: Script = {
  name: "txn errors",
  run: async (ctl) => {
    await ctl.run(["put", "a", "1"]);
    await ctl.run(["txn"], { stdin: parts([], ["put a 2", "put a 3"], []) });
    await ctl.run(["txn"], { stdin: parts([], ["del a --prefix", "put ab 3"], []) });
    await ctl.run(["txn"], { stdin: parts([], ["del a", "del a"], []) });
    await ctl.run(["txn"], { stdin: parts([], ["put b 1", "put c 1 --lease=1234"], []) });
    await ctl.run(["txn"], { stdin: parts([], ["get b --rev=99"], []) });
    await ctl.run(["txn"], { stdin: parts([], ["put b 1", "put none --ignore-value"], []) });
    await ctl.run(["txn"], { stdin: parts(['version("a") = "x"'], [], []) });
    await ctl.run(["txn"], { stdin: parts(['size("a") = "1"'], [], []) });
    await ctl.run(["txn"], { stdin: parts([], ["move a b"], []) });
    const puts = Array.from({ length: 129 }, (_, index) => `put many/${index} x`);
    await ctl.run(["txn"], { stdin: parts([], puts, []) });
    await ctl.run(["txn"], { stdin: parts([], puts.slice(1), []) });
    await ctl.run(["get", "", "--prefix", "--keys-only", "-w", "fields"]);
  },
};
