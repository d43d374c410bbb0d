import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  AuthenticateRequestSchema,
  AuthenticateResponseSchema,
  AuthUserAddRequestSchema,
  AuthUserChangePasswordRequestSchema,
  file_etcdserverpb_auth,
} from "../../../src/gen/etcdserverpb/auth_pb.ts";
import { PutRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { MASK, withoutSecrets } from "../../../web/src/store/secrets.ts";

test("passwords, their hashes and tokens are masked, and nothing else", () => {
  const messages = [
    create(AuthenticateRequestSchema, { name: "root", password: "secret" }),
    create(AuthenticateResponseSchema, { token: "secret" }),
    create(AuthUserAddRequestSchema, { name: "a", password: "secret", hashedPassword: "secret" }),
    create(AuthUserChangePasswordRequestSchema, { name: "a", password: "secret", hashedPassword: "secret" }),
  ];
  for (const message of messages) {
    const masked = withoutSecrets(message);
    expect(JSON.stringify(masked)).not.toContain("secret");
    expect(JSON.stringify(masked)).toContain(MASK);
    expect(JSON.stringify(message)).toContain("secret");
    expect(masked.$typeName).toBe(message.$typeName);
  }
  expect(withoutSecrets(create(AuthenticateRequestSchema, { name: "root", password: "" }))).toMatchObject({
    password: "",
  });
  const put = create(PutRequestSchema, { key: Uint8Array.of(1) });
  expect(withoutSecrets(put)).toBe(put);
});

test("no message of Auth has a secret of another name", () => {
  const names = file_etcdserverpb_auth.messages.flatMap(({ fields }) => fields.map(({ localName }) => localName));
  const suspect = names.filter((name) => /pass|token|secret|hash|key$/i.test(name));
  // A role's key is that of a permission.
  expect([...new Set(suspect)].sort()).toEqual(["hashedPassword", "key", "password", "token"]);
});
