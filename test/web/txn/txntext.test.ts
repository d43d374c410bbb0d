/** A Txn request and its text: each is made from the other, and etcdctl takes the text. */
import { execFile } from "node:child_process";
import { equals } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TxnRequest, TxnRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { createServer, type EtcdliteServer } from "../../../src/platform/node/index.ts";
import { formatTxn, isBeyondEtcdctl, parseTxn } from "../../../web/src/console/language/txntext.ts";
import { EXAMPLES } from "../../../web/src/txn/examples.ts";
import { findEtcdctl, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { fc } from "../../support/property.ts";
import { txnRequests } from "./support/arbitrary.ts";

function parsed(text: string): TxnRequest {
  const result = parseTxn(text);
  if ("error" in result) throw new Error(`line ${result.line}: ${result.error}\n${text}`);
  return result.request;
}

test("request → text → request is the identity", () => {
  fc.assert(
    fc.property(txnRequests({ isEtcdctls: false }), (request) => {
      const text = formatTxn(request);
      expect(equals(TxnRequestSchema, parsed(text), request), text).toBe(true);
      expect(formatTxn(parsed(text))).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test("every target, operator and kind of range", () => {
  const text = `value("a") = "1"
version("a", "b") != "2"
create("a") > "3"
mod("a") < "4"
lease("a") = "ff"

put --lease=1f --prev-kv "a" "b"
put --ignore-value "a"
get --prefix --limit=3 "p/"
get --from-key "p"
get --prefix ""
get -- "-a"
del --range "a" "c"

txn {
  value("x\\xff") = ""

  del --prefix --prev-kv "x"

}

`;
  expect(formatTxn(parsed(text))).toBe(text);
});

test.each<[string, number, RegExp]>([
  ['size("a") = "1"', 1, /unknown target size/],
  ['value("a") ~ "1"', 1, /unknown operator ~/],
  ["value(a) = 1", 1, /malformed comparison/],
  ['version("a") = "x"', 1, /invalid txn compare request/],
  ["\nmove a b", 2, /invalid txn request: move a b/],
  ["\nput a 1\n\nget a --frobnicate", 4, /invalid txn request/],
  ["\nput a", 2, /put command needs 1 argument/],
  ["\n\n\nput a 1", 4, /nothing can follow/],
  ["\ntxn {\n", 3, /\} is missing/],
])("%j: says what is wrong, and where", (text, line, message) => {
  expect(parseTxn(text)).toEqual({ error: expect.stringMatching(message), line });
});

test.each(EXAMPLES)("the example “$title” is a txn, and etcdctl's", ({ text }) => {
  expect(formatTxn(parsed(text))).toBe(text);
  expect(isBeyondEtcdctl(parsed(text))).toBe(false);
});

const etcdctl = findEtcdctl();
if (etcdctl === undefined) console.log(`the text of a txn is not given to etcdctl: ${MISSING_ETCD}`);

describe.skipIf(etcdctl === undefined && !toolsAreRequired())("etcdctl", () => {
  let server: EtcdliteServer;
  beforeAll(async () => {
    server = await createServer();
  });
  afterAll(() => server.close());

  test("reads the text, whatever the server thinks of the request", async () => {
    const samples = fc.sample(txnRequests({ isEtcdctls: true }), { numRuns: 25, seed: 42 });
    for (const request of [...samples, ...EXAMPLES.map(({ text }) => parsed(text))]) {
      const { stdout, stderr } = await run(formatTxn(request), server.url);
      const refused = /^Error: (.*)$/m.exec(stderr)?.[1];
      // What etcdctl does not read ends with another error than the server's.
      if (refused !== undefined) expect(refused, formatTxn(request)).toMatch(/^etcdserver: /);
      else expect(stdout).toMatch(/^(SUCCESS|FAILURE)\n/);
    }
  }, 240_000);

  function run(text: string, url: string): Promise<{ stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(etcdctl ?? "", [`--endpoints=${url}`, "txn"], (_error, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
      child.stdin?.end(text);
    });
  }
});
