/** The command as a user runs it: what it prints where, its exit codes, its signals. */
import { EventEmitter } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stopOnSignals } from "../../../src/platform/node/cli/run.ts";
import { SILENT } from "../../../src/platform/node/log.ts";
import { certificateFiles } from "./support/certificates.ts";
import { run, started } from "./support/command.ts";
import { frame, hex, RawClient, RawSocket, WATCH } from "./support/raw.ts";
import { getHttp2, serverPair } from "./support/secure.ts";

const READY = /^etcdlite listening on (\S+(?:, \S+)*) \(gRPC, gRPC-Web, Connect\), in memory\n$/;

test("it prints where it listens as its last line, and answers there", async () => {
  const process = run(["--listen-client-urls", "http://127.0.0.1:0"]);
  const [url = ""] = await started(process);
  const client = await RawClient.connect(url);
  expect((await client.call({ chunks: [frame(hex("0a016b"))] })).code).toBe(0);
  expect(process.stdout()).toMatch(READY);
  expect(process.stderr()).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} INFO {2}etcdlite is ready version=\S+ etcd=3\.7\.1 name=default /,
  );
});

test("every kind of flag and variable reaches the server", async () => {
  const args = ["-name", "box", "--listen-client-urls=http://127.0.0.1:0,http://127.0.0.1:0", "-log-format=json"];
  const process = run([...args, "--max-txn-ops", "1"], { ETCD_ADVERTISE_CLIENT_URLS: "http://etcd.example:2379" });
  const [url = ""] = await started(process);
  const client = await RawClient.connect(url);
  const { body } = await client.call({ path: "/etcdserverpb.Cluster/MemberList", chunks: [frame(hex(""))] });
  expect(body.toString("latin1")).toContain("box");
  expect(body.toString("latin1")).toContain("http://etcd.example:2379");
  const twoPuts = hex("12 05 1203 0a0161 12 05 1203 0a0162");
  const txn = await client.call({ path: "/etcdserverpb.KV/Txn", chunks: [frame(twoPuts)] });
  expect(txn.message).toBe("etcdserver: too many operations in txn request");
  expect(JSON.parse(process.stderr().split("\n")[0] ?? "")).toMatchObject({ level: "info", name: "box" });
});

test("several URLs are printed in one line", async () => {
  const urls = await started(run(["--listen-client-urls", "http://127.0.0.1:0,http://localhost:0"]));
  expect(urls).toHaveLength(2);
  for (const url of urls) expect(await answers(url)).toBe(true);
});

test("an address alone is where to listen", async () => {
  expect(await started(run(["127.0.0.1:0"]))).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
  expect(await started(run([":0"]))).toEqual([expect.stringMatching(/^http:\/\/0\.0\.0\.0:\d+$/)]);
  expect(await started(run(["0"]))).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
});

test("TL1: flags for TLS, and a file for the log", async () => {
  const files = certificateFiles({ "cert.pem": serverPair.cert, "key.pem": serverPair.key });
  onTestFinished(() => files.remove());
  const socket = `unix://${files.path("etcd.sock")}`;
  const process = run(
    ["--listen-client-urls", `https://127.0.0.1:0,${socket}`, "--log-format=json", "--log-level=INFO"],
    {
      ETCD_CERT_FILE: files.path("cert.pem"),
      ETCD_KEY_FILE: files.path("key.pem"),
      ETCD_LOG_OUTPUTS: `${files.path("log")},stdout`,
    },
  );
  const urls = await started(process);
  expect(urls).toEqual([expect.stringMatching(/^https:/), socket]);
  expect(await getHttp2(urls[0] as string)).toContain("etcdserver");
  const log = readFileSync(files.path("log"), "utf8");
  expect(JSON.parse(log.split("\n").at(-2) ?? "")).toMatchObject({ level: "info", msg: "etcdlite is ready" });
  expect(process.stdout().startsWith(log)).toBe(true);
  expect(process.stderr()).toBe("");
});

test("TL6: --auto-tls writes its certificate beneath the data folder", async () => {
  const folder = certificateFiles({});
  onTestFinished(() => folder.remove());
  const args = ["--auto-tls", "--data-dir", folder.path("data"), "--listen-client-urls=https://127.0.0.1:0"];
  const [url = ""] = await started(run(args));
  const certificate = readFileSync(folder.path("data/fixtures/client/cert.pem"), "utf8");
  expect(await getHttp2(url, { ca: certificate })).toContain("etcdserver");
});

test("CF3: a config file is all that counts", async () => {
  const folder = certificateFiles({ "etcd.yml": "name: from-file\nlisten-client-urls: http://127.0.0.1:0\n" });
  onTestFinished(() => folder.remove());
  const process = run(["--name", "from-flag"], { ETCD_CONFIG_FILE: folder.path("etcd.yml"), ETCD_LOG_LEVEL: "error" });
  await started(process);
  expect(process.stderr()).toMatch(/WARN {2}not used, as there is a config file: --name\n.*name=from-file/);
});

test("what has no effect is said once, in a line each kind", async () => {
  const args = [
    "127.0.0.1:0",
    "--initial-cluster",
    "default=http://localhost:2380",
    "-pre-vote",
    "--client-cert-file=c",
  ];
  const process = run(args, { ETCD_MEMORY_MLOCK: "true", ETCD_NAME: "", ETCD_TYPO: "x" });
  await started(process);
  const warnings = process
    .stderr()
    .split("\n")
    .filter((line) => line.includes(" WARN "));
  expect(warnings.map((line) => line.replace(/^\S+ WARN {2}/, ""))).toEqual([
    "not known, and not used: ETCD_TYPO",
    "without effect here: --initial-cluster, --pre-vote, --client-cert-file, --memory-mlock",
  ]);
});

test.each([
  [["--bogus"], "unknown option '--bogus'"],
  [["gateway"], '"gateway" is neither a flag nor an address such as 127.0.0.1:2379'],
  [["--listen-client-urls", "ftp://127.0.0.1:1"], "URL scheme must be http, https, unix, or unixs: ftp://127.0.0.1:1"],
  [["--listen-client-urls", "https://127.0.0.1:0"], "TLS needs a certificate and its key"],
  [["--config-file", "/no/such/file.yml"], "--config-file /no/such/file.yml: ENOENT"],
  [["--log-outputs", "/no/such/folder/log"], "--log-outputs /no/such/folder/log cannot be written: ENOENT"],
  [["--max-txn-ops", "many"], 'invalid value "many" for --max-txn-ops'],
])("%j is one clear line and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await run(args).exit;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^etcdlite: [^\n]+\n$/);
  expect(stderr).toContain(message);
});

test("a bad variable is one clear line and exit code 2", async () => {
  const { code, stderr } = await run([], { ETCD_QUOTA_BACKEND_BYTES: "2GB" }).exit;
  expect(code).toBe(2);
  expect(stderr).toBe('etcdlite: invalid value "2GB" for --quota-backend-bytes: an integer is needed\n');
});

test("an address in use is one clear line and exit code 1", async () => {
  const [url = ""] = await started(run(["127.0.0.1:0"]));
  const { code, stdout, stderr } = await run(["--listen-client-urls", url, "--log-level", "error"]).exit;
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: "",
    stderr: `etcdlite: cannot listen on ${url}: address already in use\n`,
  });
});

test("--version and --help answer on stdout", async () => {
  const version = await run(["--version"]).exit;
  expect(version).toMatchObject({ code: 0, stderr: "" });
  expect(version.stdout).toMatch(
    /^etcd Version: 3\.7\.1\netcdlite Version: \d+\.\d+\.\d+\S*\nNode Version: v\S+\nNode OS\/Arch: \w+\/\w+\n$/,
  );
  for (const flag of ["--help", "-h", "-help"]) {
    const help = await run([flag]).exit;
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: etcdlite [flags] [address]");
    expect(help.stdout).toContain("--listen-client-urls <urls>");
    expect(help.stdout).not.toContain("--heartbeat-interval");
  }
});

test("a thread that was started for a data dir holds nobody up where none is opened", async () => {
  const folder = join(import.meta.dirname, "none");
  expect((await run(["--data-dir", folder, "--version"]).exit).code).toBe(0);
  expect((await run(["--version"], { ETCD_DATA_DIR: folder }).exit).code).toBe(0);
  expect(existsSync(folder)).toBe(false);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends watches properly and exits with 0", async (signal) => {
  const process = run(["127.0.0.1:0"]);
  const [url = ""] = await started(process);
  const client = await RawClient.connect(url);
  const watch = client.start({ path: WATCH, chunks: [frame(hex("0a03 0a016b"))], end: false });
  await watch.messages(1);
  process.child.kill(signal);
  expect(await watch.reply).toMatchObject({ code: 14, message: "etcdserver: server stopped" });
  expect((await process.exit).code).toBe(0);
});

test("a second signal does not wait for a stop that takes long", async () => {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  let closes = 0;
  const server = {
    close: () => {
      closes++;
      return new Promise<void>(() => {});
    },
  };
  stopOnSignals(process, server, SILENT);
  process.emit("SIGTERM", "SIGTERM");
  expect({ closes, exits }).toEqual({ closes: 1, exits: [] });
  process.emit("SIGINT", "SIGINT");
  expect({ closes, exits }).toEqual({ closes: 1, exits: [1] });
});

test("it serves on when nobody reads what it prints", async () => {
  const process = run(["127.0.0.1:0", "--log-level", "debug"]);
  const [url = ""] = await started(process);
  process.child.stdout?.destroy();
  process.child.stderr?.destroy();
  for (let i = 0; i < 3; i++) {
    // Each of these is worth a line in the log.
    const cut = await RawSocket.connect(Number(new URL(url).port));
    await cut.send("POST / HTTP/1.1\r\nHost");
    cut.socket.resetAndDestroy();
    expect(await answers(url)).toBe(true);
  }
});

/** By an RPC: the page may not be built. */
async function answers(url: string): Promise<boolean> {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  return (await fetch(`${url}/etcdserverpb.Maintenance/Status`, request)).ok;
}

test("--data-dir keeps everything, and the start line says where; check and export read it", async () => {
  const folder = certificateFiles({});
  onTestFinished(() => folder.remove());
  const dataDir = folder.path("data");
  const line = new RegExp(`^etcdlite listening on (\\S+) \\(gRPC, gRPC-Web, Connect\\), data in ${dataDir}\n$`);
  const first = run(["--data-dir", dataDir, "127.0.0.1:0"]);
  const [url = ""] = await started(first, line);
  const putFoo = frame(hex("0a03666f6f1203626172"));
  await (await RawClient.connect(url)).call({ path: "/etcdserverpb.KV/Put", chunks: [putFoo] });
  const inUse = `etcdlite: ${dataDir} is in use by another etcdlite\n`;
  for (const args of [
    ["check", dataDir],
    ["export", dataDir, folder.path("file")],
    ["--data-dir", dataDir, "0"],
  ]) {
    expect(await run(args).exit).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining(inUse) });
  }
  first.child.kill("SIGKILL");
  await first.exit;
  const checked = await run(["check", dataDir]).exit;
  expect(checked).toMatchObject({ code: 0, stderr: "" });
  expect(checked.stdout).toMatch(/^\S+ is whole\nrows: \d+ whole, 0 damaged\nrevision: 2, never compacted\nkeys: 1; /);
  const exported = await run(["export", dataDir, folder.path("file")]).exit;
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  const fromSnapshot = run(["--from-snapshot", folder.path("file"), "127.0.0.1:0"]);
  const [again = ""] = await started(fromSnapshot);
  const { body } = await (await RawClient.connect(again)).call({
    path: "/etcdserverpb.KV/Range",
    chunks: [frame(hex("0a03666f6f"))],
  });
  expect(body.toString("latin1")).toContain("bar");
  for (const log of ["etcdlite.log0", "etcdlite.log1"]) rmSync(join(dataDir, log));
  rmSync(join(dataDir, "etcdlite.mark"));
  writeFileSync(join(dataDir, "etcdlite.db"), Buffer.alloc(5_000, 1));
  const damaged = await run(["--data-dir", dataDir, "127.0.0.1:0"]).exit;
  expect(damaged).toMatchObject({ code: 1, stdout: "" });
  expect(damaged.stderr).toContain(`etcdlite check ${dataDir}`);
  expect(await run(["check", dataDir]).exit).toMatchObject({ code: 1, stdout: "" });
});

test.each([[["check"]], [["export", "DIR"]], [["check", "DIR", "more"]], [["check", "--help"]]])(
  "%j is told what the command is",
  async (args) => {
    const { code, stderr } = await run(args).exit;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^etcdlite: the command is: etcdlite (check|export) DIR.*\n$/),
    ]);
  },
);
