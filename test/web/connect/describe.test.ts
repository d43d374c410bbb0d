import { expect, test } from "vitest";
import { endpointTitle, readServerUrl, titleOfId } from "../../../web/src/connect/describe.ts";

test.for([
  ["127.0.0.1:2379", "http://127.0.0.1:2379"],
  [" https://db.example/etcd/ ", "https://db.example/etcd"],
  ["localhost", "http://localhost"],
  ["HTTP://DB.example:80/", "http://db.example"],
  ["[::1]:2379", "http://[::1]:2379"],
  ["", undefined],
  ["two words", undefined],
  ["http://", undefined],
] as const)("what is typed as %j is %j", ([typed, url]) => expect(readServerUrl(typed)).toBe(url));

test("stores and servers have names that tell them apart", () => {
  expect(endpointTitle({ kind: "browser", name: "default" })).toBe("This browser");
  expect(titleOfId("browser:notes")).toBe("This browser: notes");
  expect(titleOfId("connect+http://db.example:2379/etcd")).toBe("db.example:2379/etcd");
  expect(titleOfId("what is this")).toBe("what is this");
});
