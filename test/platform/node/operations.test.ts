/** The command in operation: its log while it runs, what systemd is told, and a stop under load. */
import { chmodSync, readFileSync, statSync } from "node:fs";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { putOf, rangeOf } from "../../rpc/support/ops.ts";
import { certificateFiles } from "./support/certificates.ts";
import { run, said, started } from "./support/command.ts";

function kvOf(url: string) {
  return createClient(KV, createGrpcTransport({ baseUrl: url }));
}

function folderWith(files: Record<string, string>) {
  const folder = certificateFiles(files);
  onTestFinished(() => folder.remove());
  return folder;
}

test("SIGUSR2 turns the log level to debug and back, without a restart", async () => {
  const process = run(["127.0.0.1:0", "--log-level=warn"]);
  const [url = ""] = await started(process);
  const kv = kvOf(url);
  await kv.put(putOf("before", "1"));
  process.child.kill("SIGUSR2");
  await said(process, "stderr", /the log level has changed to=debug/);
  await kv.put(putOf("meanwhile", "1"));
  await said(process, "stderr", /DEBUG call method=\/etcdserverpb\.KV\/Put code=OK .*revision=3/);
  process.child.kill("SIGUSR2");
  await said(process, "stderr", /the log level has changed to=warn/);
  await kv.put(putOf("after", "1"));
  expect(process.stderr().match(/DEBUG call/g)).toHaveLength(1);
});

test("--log-requests tells of each call, and a full log file is put aside", async () => {
  const folder = folderWith({});
  const process = run([
    ...["127.0.0.1:0", "--log-requests", "--log-format=json", `--log-outputs=${folder.path("etcd.log")}`],
    ...["--enable-log-rotation", '--log-rotation-config-json={"maxsize":1}'],
  ]);
  const [url = ""] = await started(process);
  await kvOf(url).put(putOf("k", "1"));
  const lines = readFileSync(folder.path("etcd.log"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "info", msg: "etcdlite is ready" },
    { level: "info", msg: "call", method: "/etcdserverpb.KV/Put", code: "OK", revision: 2 },
  ]);
  expect(statSync(folder.path("etcd.log")).mode & 0o777).toBe(0o600);
  expect(process.stderr()).toBe("");
});

test("systemd is told when it is ready and when it stops", async () => {
  // In place of systemd's own, which needs a socket to send to.
  const folder = folderWith({ "systemd-notify": '#!/bin/sh\necho "$@" >>"$NOTIFY_SOCKET"\n' });
  chmodSync(folder.path("systemd-notify"), 0o755);
  const told = folder.path("told");
  const variables = { NOTIFY_SOCKET: told, PATH: `${folder.path("")}:${globalThis.process.env.PATH}` };
  const process = run(["127.0.0.1:0", "--log-requests", "--log-level=debug"], variables);
  await started(process);
  const { pid } = process.child;
  await expect.poll(() => readText(told)).toBe(`MAINPID=${pid} READY=1\n`);
  process.child.kill("SIGTERM");
  expect((await process.exit).code).toBe(0);
  expect(readText(told)).toBe(`MAINPID=${pid} READY=1\nMAINPID=${pid} STOPPING=1\n`);
});

test("where systemd cannot be told, it is said, and served", async () => {
  const process = run(["127.0.0.1:0"], { NOTIFY_SOCKET: "/no/such/socket", PATH: "/no/such/folder" });
  const [url = ""] = await started(process);
  await said(process, "stderr", /WARN {2}systemd could not be notified state="READY=1"/);
  await kvOf(url).put(putOf("k", "1"));
});

test("SIGTERM under load: what was answered is kept, all else is told so", async () => {
  const folder = folderWith({});
  const args = ["127.0.0.1:0", "--data-dir", folder.path("data")];
  const first = run(args);
  const kv = kvOf((await started(first))[0] ?? "");
  const answered: string[] = [];
  let isStopping = false;
  const client = async (name: string): Promise<unknown> => {
    for (let at = 0; ; at++) {
      const key = `${name}/${at}`;
      try {
        await kv.put(putOf(key, "1"));
        answered.push(key);
        if (answered.length === 300 && !isStopping) {
          isStopping = true;
          first.child.kill("SIGTERM");
        }
      } catch (error) {
        return error;
      }
    }
  };
  const ends = await Promise.all(["a", "b", "c", "d", "e", "f"].map(client));
  for (const end of ends) expect(end).toMatchObject({ code: expect.toBeOneOf([Code.Unavailable, Code.Internal]) });
  expect((await first.exit).code).toBe(0);

  const second = run(args);
  const kept = await kvOf((await started(second))[0] ?? "").range(rangeOf("a", "g", { keysOnly: true }));
  const keys = new Set(kept.kvs.map(({ key }) => Buffer.from(key).toString()));
  expect(answered.filter((key) => !keys.has(key))).toEqual([]);
});

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
