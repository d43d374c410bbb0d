/** Users, roles and permissions, and a client that signs in by itself, on a server with authentication. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Etcd3, EtcdAuthenticationFailedError, EtcdPermissionDeniedError, Range } from "etcd3";
import { PASSWORD } from "../harness/auth.ts";

export type AuthCase = {
  readonly name: string;
  /** The clients are root's and u's, who may read and write under the prefix. */
  body(root: Etcd3, u: Etcd3, prefix: string, url: string): Promise<void>;
};

/** A client that is u, or who else is named. */
export function signedIn(url: string, username: string, password: string = PASSWORD): Etcd3 {
  return new Etcd3({ hosts: url, auth: { username, password } });
}

export const authCases: readonly AuthCase[] = [
  {
    name: "auth: reads, writes and watches of its own, and not of others",
    body: async (_root, u, prefix) => {
      const watcher = await u.watch().prefix(prefix).create();
      const seen = once(watcher, "put");
      await u.put(`${prefix}a`).value("1");
      assert.equal(String((await seen)[0].value), "1");
      assert.equal(await u.get(`${prefix}a`).string(), "1");
      await watcher.cancel();
      await assert.rejects(u.get("elsewhere").exec(), EtcdPermissionDeniedError);
      await assert.rejects(u.getAll().exec(), EtcdPermissionDeniedError);
      const denied = u.if("elsewhere", "Version", "==", 0).then(u.put(`${prefix}a`).value("2"));
      await assert.rejects(denied.commit(), EtcdPermissionDeniedError);
    },
  },
  {
    name: "auth: a lease, a lock of its own; an election, whose keys are elsewhere, is for others",
    body: async (root, u, prefix) => {
      const lease = u.lease(20);
      await lease.put(`${prefix}leased`).value("1");
      await lease.revoke();
      assert.equal(await u.get(`${prefix}leased`), null);
      assert.equal(await u.lock(`${prefix}lock`).do(async () => "done"), "done");
      await assert.rejects(u.election(prefix).leader(), EtcdPermissionDeniedError);
      const campaign = root.election(prefix, 10).campaign("me");
      await campaign.wait();
      await campaign.resign();
    },
  },
  {
    name: "auth: users, roles, permissions",
    body: async (root, _u, prefix, url) => {
      const role = await root.role("writer").create();
      await role.grant({ permission: "Readwrite", range: Range.prefix(`${prefix}w/`) });
      const user = await root.user("writer").create("secret");
      await user.addRole("writer");
      assert.deepEqual(
        (await user.roles()).map(({ name }) => name),
        ["writer"],
      );
      assert.equal((await role.permissions()).length, 1);
      const writer = signedIn(url, "writer", "secret");
      await writer.put(`${prefix}w/1`).value("1");
      await assert.rejects(writer.get(`${prefix}x`).exec(), EtcdPermissionDeniedError);
      writer.close();
      await user.removeRole("writer");
      await user.delete();
      await role.delete();
    },
  },
  {
    name: "auth: a token that is lost is fetched anew",
    body: async (root, u, prefix) => {
      await u.put(`${prefix}a`).value("1");
      await root.user("u").setPassword(PASSWORD);
      await u.put(`${prefix}a`).value("2");
      assert.equal(await u.get(`${prefix}a`).string(), "2");
    },
  },
  {
    name: "auth: a wrong password, nobody",
    body: async (_root, _u, prefix, url) => {
      const wrong = signedIn(url, "u", "wrong");
      await assert.rejects(wrong.get(`${prefix}a`).exec(), EtcdAuthenticationFailedError);
      wrong.close();
      const nobody = new Etcd3({ hosts: url });
      await assert.rejects(nobody.get(`${prefix}a`).exec(), /user name is empty/);
      nobody.close();
    },
  },
];
