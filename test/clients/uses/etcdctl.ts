/** A developer at a prompt: put, get, list, delete by etcdctl, whichever version is there. */
import assert from "node:assert/strict";
import { run } from "../harness/exec.ts";
import { Skipped } from "../harness/suite.ts";
import { findEtcdctl34, findEtcdctl37, MISSING_ETCDCTL37 } from "../harness/tools.ts";
import type { Use } from "./use.ts";
import { KEYS_OF_USES } from "./use.ts";

export const etcdctlStore: Use = {
  name: "a store at the prompt: put, get, prefix, del by etcdctl",
  run: async ({ url }) => {
    const etcdctl = findEtcdctl37() ?? findEtcdctl34();
    if (etcdctl === undefined) throw new Skipped(MISSING_ETCDCTL37);
    const type = async (...args: string[]): Promise<string> => {
      const result = await run(etcdctl.binary, ["--endpoints", new URL(url).host, ...args]);
      assert.equal(result.status, 0, result.stderr);
      return result.stdout.toString();
    };
    const app = `${KEYS_OF_USES}app/`;
    await type("del", "--prefix", app);
    assert.equal(await type("put", `${app}name`, "demo"), "OK\n");
    assert.equal(await type("put", `${app}port`, "8080"), "OK\n");
    assert.equal(await type("get", `${app}name`), `${app}name\ndemo\n`);
    assert.equal(await type("get", "--prefix", app), `${app}name\ndemo\n${app}port\n8080\n`);
    assert.equal(await type("get", "--prefix", app, "--keys-only"), `${app}name\n\n${app}port\n\n`);
    assert.equal(await type("del", `${app}name`), "1\n");
    assert.equal(await type("get", `${app}name`), "");
    assert.equal(await type("del", "--prefix", app), "1\n");
    assert.equal(await type("get", "--prefix", app), "");
  },
};
