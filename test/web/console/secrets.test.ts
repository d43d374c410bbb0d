import { expect, test } from "vitest";
import { isPasswordInput, withoutPassword } from "../../../web/src/console/session/secrets.ts";

test.each([
  ["user add alice:secret", "user add alice:********"],
  ["etcdctl user add --interactive=false alice:a secret", "etcdctl user add --interactive=false alice:********"],
  ["user add alice --new-user-password=secret -w json", "user add alice --new-user-password=********"],
  ["user add alice --new-user-password 'a secret'", "user add alice --new-user-password ********"],
  ["user passwd alice --interactive=false <<< secret", "user passwd alice --interactive=false <<< ********"],
  ["user add alice", "user add alice"],
  ["user get alice", "user get alice"],
  ["put user:add:x y", "put user:add:x y"],
  ["get user --prefix", "get user --prefix"],
])("%s is shown as %s", (line, shown) => {
  expect(withoutPassword(line)).toBe(shown);
});

test("a here-document of a command that reads a password is one", () => {
  expect(isPasswordInput("user passwd alice --interactive=false <<EOF\n")).toBe(true);
  expect(isPasswordInput("txn <<EOF\n")).toBe(false);
  expect(isPasswordInput("")).toBe(false);
});
