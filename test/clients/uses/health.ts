/** Maintenance.Status as a health check: what a healthy server answers, and how soon a dead one shows. */
import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Use } from "./use.ts";
import { bytes, connect, KEYS_OF_USES } from "./use.ts";

const CHECK_TIMEOUT_MS = 10_000;

export const healthCheck: Use = {
  name: "Maintenance.Status as a health check, of a living server and of one that stopped",
  run: async ({ url, startServer }) => {
    const { kv, maintenance } = connect(url);
    const before = await maintenance.status({}, { timeoutMs: CHECK_TIMEOUT_MS });
    assert.equal(before.version, "3.7.1");
    assert.equal(before.leader, before.header?.memberId, "it has a leader: itself");
    assert.deepEqual([before.errors, before.isLearner], [[], false]);
    assert.ok(before.dbSize > 0n && before.dbSizeInUse > 0n && before.dbSizeQuota > 0n);
    await kv.put({ key: bytes(`${KEYS_OF_USES}health`), value: bytes("x") });
    const after = await maintenance.status({}, { timeoutMs: CHECK_TIMEOUT_MS });
    assert.ok(after.raftIndex > before.raftIndex && after.raftAppliedIndex > before.raftAppliedIndex);
    assert.ok((after.header?.revision ?? 0n) > (before.header?.revision ?? 0n));
    assert.equal(after.raftTerm, before.raftTerm);

    const mortal = await startServer();
    const check = connect(mortal.url).maintenance;
    assert.equal((await check.status({}, { timeoutMs: CHECK_TIMEOUT_MS })).version, "3.7.1");
    await mortal.stop();
    await assert.rejects(check.status({}, { timeoutMs: CHECK_TIMEOUT_MS }), (error) => {
      return ConnectError.from(error).code === Code.Unavailable;
    });
  },
};
