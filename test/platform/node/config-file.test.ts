/** etcd's config file: what it says, in its types, and what a real etcd takes of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import { type ConfigFile, readConfigFile } from "../../../src/platform/node/cli/config-file.ts";
import { run } from "../../../src/platform/node/cli/run.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { findEtcd, MISSING_ETCD, toolsAreRequired } from "../../support/etcd.ts";
import { certificateFiles } from "./support/certificates.ts";

const etcd = findEtcd();
const ALONE = etcd === undefined && !toolsAreRequired();
if (ALONE) console.log(`skipped: config files beside a real etcd: ${MISSING_ETCD}`);

function fileOf(text: string): string {
  const folder = certificateFiles({ "etcd.yml": text });
  onTestFinished(() => folder.remove());
  return folder.path("etcd.yml");
}

function read(text: string): ConfigFile {
  return readConfigFile(fileOf(text));
}

function texts({ values }: ConfigFile): Record<string, string | undefined> {
  return Object.fromEntries(values.names.map((name) => [name, values.text(name)]));
}

const WHOLE = `
# As etcd's own example has it.
name: 'node-1'
data-dir: /var/lib/etcd
wal-dir:
snapshot-count: 10000
heartbeat-interval: 100
election-timeout: 1000
quota-backend-bytes: 0
listen-client-urls: http://127.0.0.1:2379,https://127.0.0.1:2381
max-snapshots: 5
cors: "*"
host-whitelist: a.example,b.example
initial-advertise-peer-urls: http://localhost:2380
advertise-client-urls: http://localhost:2379
discovery-srv: ""
initial-cluster: node-1=http://localhost:2380
initial-cluster-token: 'etcd-cluster'
initial-cluster-state: 'new'
strict-reconfig-check: yes
enable-pprof: true
client-transport-security:
  cert-file: /etc/etcd/server.crt
  key-file: /etc/etcd/server.key
  client-cert-auth: true
  trusted-ca-file: /etc/etcd/ca.crt
  allowed-hostname: [one.example, two.example]
peer-transport-security:
  cert-file:
  auto-tls: false
self-signed-cert-validity: 1
log-level: debug
log-outputs: [stderr, etcd.log]
force-new-cluster: false
auto-compaction-mode: periodic
auto-compaction-retention: "1"
watch-progress-notify-interval: 600000000000
cipher-suites: [
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
]
tls-min-version: 'TLS1.2'
max-learners: 2
Max-Txn-Ops: 5
socket-options: { reuse-port: true }
feature-gates: CompactHashCheck=true
`;

describe("what it says", () => {
  test("CF3: a whole file becomes the server's options", () => {
    const { values, warnings } = read(WHOLE);
    const { server, log, notices } = settingsOf(values, undefined);
    expect(server).toMatchObject({
      name: "node-1",
      listenClientUrls: ["http://127.0.0.1:2379", "https://127.0.0.1:2381"],
      hostWhitelist: ["a.example", "b.example"],
      strictReconfigCheck: true,
      autoCompactionRetentionMs: 3_600_000,
      watchProgressNotifyIntervalMs: 600_000,
      maxLearners: 2,
      maxTxnOps: 5,
      socketReusePort: true,
      tls: {
        cert: { file: "/etc/etcd/server.crt" },
        key: { file: "/etc/etcd/server.key" },
        trustedCa: { file: "/etc/etcd/ca.crt" },
        clientCertAuth: true,
        clientCertAllowedHostnames: ["one.example", "two.example"],
        cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
      },
    });
    expect(log).toEqual({ level: "debug", format: "console", outputs: ["stderr", "etcd.log"] });
    expect(warnings).toEqual([]);
    expect(notices.at(-1)).toContain("--heartbeat-interval");
  });

  test("CF3: allowed common names are of the file alone", () => {
    const { values } = read("client-transport-security: {allowed-cn: [alice, bob]}");
    expect(settingsOf(values, undefined).server.tls).toEqual({ clientCertAllowedCommonNames: ["alice", "bob"] });
    const both = read("client-transport-security: {allowed-cn: [alice], allowed-hostname: [a]}");
    expect(() => settingsOf(both.values, undefined)).toThrow("exclude each other");
  });

  test("CF3: what etcd does not know is named and not used, such as TLS outside of its section", () => {
    const file = read("cert-file: x\nbogus: 1\nclient-transport-security: {ca-file: y}\nexperimental-max-learners: 3");
    expect(texts(file)).toEqual({ "max-learners": "3" });
    expect(file.warnings).toEqual([
      "--experimental-max-learners is of an older etcd: it is --max-learners now",
      expect.stringMatching(
        /^not known in .*etcd\.yml, and not used: cert-file, bogus, client-transport-security\.ca-file$/,
      ),
    ]);
  });

  test("CF3: an empty file is the defaults", () => {
    for (const text of ["", "# nothing\n", "{}"]) expect(texts(read(text))).toEqual({});
  });
});

describe("beside flags and variables", () => {
  test("CF3: with it neither counts, and flags are named that do not", () => {
    const line = readCommandLine(["--config-file=x.yml", "--name=y"], { ETCD_NAME: "z" });
    expect(line).toMatchObject({ kind: "run", configFile: "x.yml" });
    expect(line).toHaveProperty("warnings", ["not used, as there is a config file: --name"]);
    expect(readCommandLine([], { ETCD_CONFIG_FILE: "x.yml", ETCD_NAME: "z" })).toMatchObject({
      configFile: "x.yml",
      warnings: [],
    });
  });

  test("CF3: flags are read all the same, and no address goes with it", async () => {
    expect(() => readCommandLine(["--config-file=x.yml", "--pre-vote=x"], {})).toThrow("invalid value");
    let printed = "";
    const write = (text: string): void => {
      printed += text;
    };
    const stream = { on: () => {}, write };
    const process = { argv: ["", "", "--config-file", "x", "127.0.0.1:0"], env: {}, stdout: stream, stderr: stream };
    await run(process as unknown as NodeJS.Process);
    expect(printed).toBe("etcdlite: both an address (127.0.0.1:0) and a config file are given\n");
    expect(process).toHaveProperty("exitCode", 2);
  });
});

const TAKEN: readonly (readonly [string, Record<string, string>])[] = [
  ["name: '5'", { name: "5" }],
  ["name: 2020-01-01", { name: "2020-01-01" }],
  ["name: 12:30", { name: "12:30" }],
  ["name: null", {}],
  ["NAME: x", { name: "x" }],
  ["pre-vote: off", { "pre-vote": "false" }],
  ["heartbeat-interval: 0x10", { "heartbeat-interval": "16" }],
  ["heartbeat-interval: 010", { "heartbeat-interval": "8" }],
  ["auto-compaction-retention: 5m", { "auto-compaction-retention": "5m" }],
  ["corrupt-check-time: 1000", { "corrupt-check-time": "1000ns" }],
  ["log-outputs: [stderr]", { "log-outputs": "stderr" }],
  ["bogus: {a: 1}", {}],
  ["bogus: 1", {}],
  ["experimental-bogus: x", {}],
  ["base: &b {reuse-port: false}\nsocket-options: {<<: *b}", { "socket-reuse-port": "false" }],
  ['{"name": "x", "max-txn-ops": 3}', { name: "x", "max-txn-ops": "3" }],
];

const REFUSED = [
  "name: [a]",
  "name: 5",
  "name: true",
  "auto-compaction-retention: 1",
  "log-outputs: [1]",
  "name: {a: b}",
  "pre-vote: 1",
  'pre-vote: "true"',
  "pre-vote: maybe",
  'heartbeat-interval: "100"',
  "heartbeat-interval: 1.5",
  "heartbeat-interval: -1",
  "max-concurrent-streams: 4294967296",
  "watch-progress-notify-interval: 10m",
  "log-outputs: stderr",
  "cipher-suites: TLS_RSA_WITH_AES_128_CBC_SHA",
  "listen-client-urls: [http://127.0.0.1:1]",
  "listen-client-urls: http://127.0.0.1",
  "feature-gates: X=true",
  "client-transport-security: x",
  "client-transport-security: {client-cert-auth: 1}",
  "client-transport-security: {allowed-cn: alice}",
  "initial-cluster-state: x",
  "auto-compaction-mode: x",
  "just a text",
  "[a, b]",
  "name: 'x",
  "name:\n\t- x",
  "a: b: c",
];

describe("types", () => {
  test.each(TAKEN)("CF3: %j is %j", (text, expected) => expect(texts(read(text))).toEqual(expected));

  test.each(REFUSED)("CF3: %j is refused in one line that names the file", (text) => {
    const use = (): unknown => settingsOf(read(text).values, undefined);
    expect(use).toThrow(/^[^\n]+$/);
  });

  test("CF3: a file that is not there is refused by name", () => {
    expect(() => readConfigFile("/no/such.yml")).toThrow(/^--config-file \/no\/such\.yml: ENOENT/);
  });

  test.skipIf(ALONE)("CF3: a real etcd takes and refuses the same", async () => {
    const wrong: string[] = [];
    for (const [text, isTaken] of [
      ...TAKEN.map(([text]) => [text, true] as const),
      ...REFUSED.map((text) => [text, false] as const),
    ]) {
      if ((await isTakenByEtcd(text)) !== isTaken) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test.skipIf(ALONE)("CF3: a real etcd takes the whole file", async () => {
    expect(await isTakenByEtcd(WHOLE.replace(/^data-dir.*$/m, ""))).toBe(true);
  });
});

/** It is, if etcd goes on to listen: at an address that no machine has. */
async function isTakenByEtcd(text: string): Promise<boolean> {
  const folder = certificateFiles({});
  try {
    const own = text.startsWith("{") ? "" : `\nlisten-peer-urls: http://192.0.2.1:1\n`;
    folder.write(
      "etcd.yml",
      text.startsWith("{") ? text.replace("{", '{"listen-peer-urls": "http://192.0.2.1:1", ') : text + own,
    );
    const child = spawn(etcd as string, ["--config-file", folder.path("etcd.yml")], {
      ...{ stdio: ["ignore", "ignore", "pipe"], env: {}, cwd: folder.path("") },
    });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await once(child, "close");
    return stderr.includes("listen tcp 192.0.2.1:1");
  } finally {
    folder.remove();
  }
}
