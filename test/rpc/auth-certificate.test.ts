/** Users that are known by their certificates: whoever mounts the services says what the certificate does. */
import { createContextValues } from "@connectrpc/connect";
import { expect } from "vitest";
import { clientCommonName } from "../../src/rpc/index.ts";
import { putOf } from "./support/ops.ts";
import { expectError } from "./support/show.ts";
import { inProcess, type LocalTarget, localTarget } from "./support/target.ts";
import { addUser, enableAuth, READWRITE, tokenOf, WRITE } from "./support/users.ts";

const DENIED = "etcdserver: permission denied";
const NOBODY = "etcdserver: user name is empty";

async function withUsers(): Promise<{ target: LocalTarget; root: LocalTarget }> {
  const target = localTarget();
  await addUser(target, "alice", [READWRITE, "a"]);
  await addUser(target, "bob", [WRITE, "b"]);
  return { target, root: await enableAuth(target) };
}

/** Puts a key over a connection with a client's certificate. */
function put(target: LocalTarget, key: string, commonName: string | undefined, headers: Record<string, string> = {}) {
  const contextValues = createContextValues().set(clientCommonName, commonName);
  return target.kv.put(putOf(key, "v"), { contextValues, headers });
}

inProcess("AU4: without a token the certificate's common name is the user", async () => {
  const { target } = await withUsers();
  await put(target, "a", "alice");
  await expectError(put(target, "b", "alice"), "PERMISSION_DENIED", DENIED);
  await expectError(put(target, "a", "nobody"), "PERMISSION_DENIED", DENIED);
  await expectError(put(target, "a", undefined), "INVALID_ARGUMENT", NOBODY);
});

inProcess("AU4: a token goes before the certificate, be it one that is none", async () => {
  const { target } = await withUsers();
  const token = await tokenOf(target, "bob");
  await put(target, "b", "alice", { token });
  await expectError(put(target, "a", "alice", { token }), "PERMISSION_DENIED", DENIED);
  await expectError(put(target, "a", "alice", { token: "" }), "UNAUTHENTICATED", "etcdserver: invalid auth token");
});

inProcess("AU4: a certificate without a common name is nobody's, and yet somebody", async () => {
  const { target } = await withUsers();
  const contextValues = createContextValues().set(clientCommonName, "");
  await expectError(put(target, "a", ""), "PERMISSION_DENIED", DENIED);
  await expectError(target.maintenance.defragment({}, { contextValues }), "INVALID_ARGUMENT", NOBODY);
  expect((await target.maintenance.status({}, { contextValues })).version).not.toBe("");
});

inProcess("AU4: administering by a certificate", async () => {
  const { target } = await withUsers();
  const as = (commonName: string) => ({ contextValues: createContextValues().set(clientCommonName, commonName) });
  await target.maintenance.defragment({}, as("root"));
  await expectError(target.maintenance.defragment({}, as("alice")), "PERMISSION_DENIED", DENIED);
  const nobody = target.maintenance.defragment({}, as("nobody"));
  await expectError(nobody, "FAILED_PRECONDITION", "etcdserver: user name not found");
});

inProcess("AU4: a gateway's certificate is nobody's name", async () => {
  const { target } = await withUsers();
  const call = put(target, "a", "alice", { "grpcgateway-accept": "*/*" });
  await expectError(call, "INVALID_ARGUMENT", NOBODY);
});

inProcess("AU2: with auth off nobody looks at headers or certificates", async () => {
  const { target, root } = await withUsers();
  await root.auth.authDisable({});
  const contextValues = createContextValues();
  contextValues.get = () => expect.fail("the certificate was asked for");
  await target.kv.put(putOf("z", "v"), { contextValues, headers: { token: "no token" } });
});
