/** From arguments and variables to what the server is told. */
import { describe, expect, test } from "vitest";
import { type CommandLine, readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { usageOf } from "../../../src/platform/node/cli/usage.ts";
import { parseDuration } from "../../../src/platform/node/duration.ts";
import type { ServerOptions } from "../../../src/platform/node/index.ts";

type RunLine = Extract<CommandLine, { kind: "run" }>;

function read(args: readonly string[], environment = {}): RunLine {
  const line = readCommandLine(args, environment);
  if (line.kind === "usage") usageOf(line.args);
  if (line.kind !== "run") throw new Error(`${line.kind}`);
  return line;
}

function settings(...args: string[]): ServerOptions {
  const { values, address } = read(args);
  const { server } = settingsOf(values, address);
  return Object.fromEntries(Object.entries(server).filter(([, value]) => value !== undefined));
}

describe("flags are read as Go reads them", () => {
  test.each([
    [["--name", "x"]],
    [["-name", "x"]],
    [["--name=x"]],
    [["-name=x"]],
    [["--name", "y", "-name", "x"]],
    [["--pre-vote", "--name", "x"]],
    [["--pre-vote=false", "-name", "x"]],
  ])("%j", (args) => expect(read(args).values.text("name")).toBe("x"));

  test("a value may look like a flag or be empty", () => {
    expect(read(["--name", "--pre-vote"]).values.names).toEqual(["name"]);
    expect(read(["--name", "--pre-vote"]).values.text("name")).toBe("--pre-vote");
    expect(read(["--name="]).values.text("name")).toBe("");
    expect(read(["--name", "a=b"]).values.text("name")).toBe("a=b");
  });

  test("a boolean takes no next argument", () => {
    const line = read(["--force-new-cluster", "127.0.0.1:1"]);
    expect(line.address).toBe("127.0.0.1:1");
    expect(line.values.text("force-new-cluster")).toBe("true");
  });

  test("behind two dashes there are no flags", () => {
    expect(read(["--name", "x", "--", "127.0.0.1:1"]).address).toBe("127.0.0.1:1");
  });
});

test.each([
  [["--bogus"], "unknown option '--bogus'"],
  [["-bogus=1"], "unknown option '--bogus=1'"],
  [["--listen-client-url", "x"], "unknown option '--listen-client-url' (Did you mean --listen-client-urls?)"],
  [["--name"], "the flag --name needs a value"],
  [["1", "2"], "too many arguments. Expected 1 argument but got 2: 1, 2."],
  [["--listen-client-urls", "http://127.0.0.1:x"], 'URL address does not have the form "host:port"'],
  [["--advertise-client-urls", "example.com:1"], "URL scheme must be http, https, unix, or unixs: example.com:1"],
  [["--auto-compaction-mode", "never"], 'unknown --auto-compaction-mode "never"'],
  [["--log-level", "loud"], 'unknown --log-level "loud"'],
  [["--log-format", "xml"], 'unknown --log-format "xml"'],
])("%j is refused in one line", (args, message) => {
  const use = (): unknown => {
    const { values, address } = read(args);
    return settingsOf(values, address);
  };
  expect(use).toThrow(message);
  expect(use).toThrow(/^[^\n]+$/);
});

describe("variables", () => {
  test("CF2: stand for flags that are not given", () => {
    const line = read(["--name", "flag"], { ETCD_MAX_TXN_OPS: "7", ETCD_AUTO_TLS: "t", PATH: "/bin" });
    expect(line.values.names).toEqual(["name", "max-txn-ops", "auto-tls"]);
    expect([line.values.number("max-txn-ops"), line.values.bool("auto-tls")]).toEqual([7, true]);
    expect(line.warnings).toEqual([]);
  });

  test("CF2: that contradict a flag are refused, as on etcd", () => {
    const use = (): unknown => read(["--name", "flag"], { ETCD_NAME: "variable" });
    expect(use).toThrow("both ETCD_NAME and --name are given: one of them has to go");
  });

  test("CF2: are checked as flags are", () => {
    expect(() => read([], { ETCD_PRE_VOTE: "maybe" })).toThrow('invalid value "maybe" for --pre-vote');
  });

  test("CF2: that are empty are not there, those not known are named", () => {
    const line = read([], { ETCD_NAME: "", ETCD_FOO: "1", ETCDCTL_API: "3", ETCD_UNSUPPORTED_ARCH: "arm" });
    expect(line.values.names).toEqual([]);
    expect(line.warnings).toEqual(["not known, and not used: ETCD_FOO"]);
  });
});

test("CF4: what was experimental is found by its new name, what is gone does nothing, and both are said", () => {
  const line = read(["--experimental-watch-progress-notify-interval=1m", "--enable-v2=true"], {
    ETCD_EXPERIMENTAL_MAX_LEARNERS: "3",
    ETCD_PROXY: "off",
  });
  const { server, notices } = settingsOf(line.values, undefined);
  expect(server).toMatchObject({ watchProgressNotifyIntervalMs: 60_000, maxLearners: 3 });
  expect(line.warnings).toEqual([
    "--experimental-watch-progress-notify-interval is of an older etcd: it is --watch-progress-notify-interval now",
    "--enable-v2 is of an older etcd, and without effect",
    "--experimental-max-learners is of an older etcd: it is --max-learners now",
    "--proxy is of an older etcd, and without effect",
  ]);
  expect(notices).toEqual([]);
});

test("CF4: what has no effect here is said in one line", () => {
  const { values } = read(["--wal-dir=w", "--heartbeat-interval=10", "-pre-vote", "--name=x", "--logger=zap"]);
  expect(settingsOf(values, undefined).notices).toEqual([
    "without effect here: --wal-dir, --heartbeat-interval, --pre-vote, --logger",
  ]);
});

describe("settings", () => {
  test("nothing given is etcd's default, said as etcd says it", () => {
    expect(settings()).toEqual({
      listenClientUrls: ["http://localhost:2379"],
      advertiseClientUrls: ["http://localhost:2379"],
      autoCompactionMode: "periodic",
      autoCompactionRetentionMs: 0,
      tls: {},
    });
  });

  test.each([
    ["127.0.0.1:2379", "http://127.0.0.1:2379"],
    ["localhost:1", "http://localhost:1"],
    ["[::1]:1", "http://[::1]:1"],
    [":1", "http://:1"],
    ["23790", "http://localhost:23790"],
    ["http://127.0.0.1:1", "http://127.0.0.1:1"],
    ["https://127.0.0.1:1", "https://127.0.0.1:1"],
    ["unix:///run/x", "unix:///run/x"],
    ["unix:x", "unix:x"],
  ])("the address %s is %s", (address, url) => expect(settings(address).listenClientUrls).toEqual([url]));

  test.each(["x", "1.2.3.4", "example.com:1", "70000", "ftp://127.0.0.1:1", "http://127.0.0.1:1/"])(
    "%s is no address",
    (address) => {
      expect(() => settings(address)).toThrow(`"${address}" is neither a flag nor an address`);
    },
  );

  test("an address and the flag contradict each other", () => {
    expect(() => settings("1", "--listen-client-urls", "http://127.0.0.1:1")).toThrow("both an address (1) and");
  });

  test("lists are split, trimmed and rid of doubles", () => {
    const urls = "http://127.0.0.1:1, http://127.0.0.1:2,http://127.0.0.1:1";
    expect(settings("--listen-client-urls", urls, "--listen-client-http-urls", "http://127.0.0.1:3")).toMatchObject({
      listenClientUrls: ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"],
    });
    expect(settings("--cors", "http://a, *", "--host-whitelist", "a,b")).toMatchObject({
      cors: ["http://a", "*"],
      hostWhitelist: ["a", "b"],
    });
    expect(() => settings("--cors", "a.example")).toThrow("an origin is http://host:port, or *");
  });

  test.each([
    ["0", { autoCompactionRetentionMs: 0 }],
    ["1", { autoCompactionRetentionMs: 3_600_000 }],
    ["5m", { autoCompactionRetentionMs: 300_000 }],
    ["1h30m", { autoCompactionRetentionMs: 5_400_000 }],
  ])("periodic compaction keeps %s", (text, expected) => {
    expect(settings("--auto-compaction-retention", text)).toMatchObject(expected);
  });

  test("compaction by revision keeps a number of them", () => {
    const revision = ["--auto-compaction-mode=revision", "--auto-compaction-retention"];
    expect(settings(...revision, "1000")).toMatchObject({
      autoCompactionMode: "revision",
      autoCompactionRetentionRevisions: 1000,
    });
    expect(() => settings(...revision, "5m")).toThrow("an integer not below 0 is needed");
    expect(() => settings("--auto-compaction-retention", "soon")).toThrow("hours, or a duration such as 5m");
    expect(() => settings("--auto-compaction-retention", "-5m")).toThrow("hours, or a duration such as 5m");
  });

  test("numbers are numbers in their limits", () => {
    expect(settings("--quota-backend-bytes=-1").quotaBackendBytes).toBe(-1);
    expect(settings("--watch-progress-notify-interval=100ms").watchProgressNotifyIntervalMs).toBe(100);
    expect(() => settings("--max-request-bytes=-1")).toThrow("an integer not below 0 is needed");
    expect(settings("--max-txn-ops=0x10").maxTxnOps).toBe(16);
    expect(() => settings("--max-request-bytes=1e3")).toThrow("an integer not below 0 is needed");
    expect(() => settings("--max-concurrent-streams=4294967296")).toThrow("an integer not below 0 is needed");
    expect(() => settings("--watch-progress-notify-interval=5")).toThrow("a duration such as 10s is needed");
  });
});

describe("TLS", () => {
  test("the flags are the options", () => {
    const { tls } = settings(
      ...["--cert-file=c", "--key-file=k", "--trusted-ca-file=t", "--client-cert-auth", "--client-crl-file=r"],
      ...["--client-cert-allowed-hostname=a,b", "--tls-min-version=TLS1.2", "--tls-max-version=TLS1.3"],
      ...["--cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA", "--self-signed-cert-validity=2"],
    );
    expect(tls).toEqual({
      cert: { file: "c" },
      key: { file: "k" },
      trustedCa: { file: "t" },
      clientCertAuth: true,
      clientCrlFile: "r",
      clientCertAllowedHostnames: ["a", "b"],
      cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"],
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
      selfSignedCertValidityYears: 2,
    });
    expect(settings("--auto-tls", "--data-dir=d").tls).toEqual({ autoTls: true, autoTlsFolder: "d/fixtures/client" });
  });

  test.each([
    [["--tls-min-version=TLS1.1"], 'unknown --tls-min-version "TLS1.1"'],
    [["--tls-min-version=TLS1.3", "--tls-max-version=TLS1.2"], "is greater than"],
    [["--tls-min-version=TLS1.3", "--cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA"], "when only TLS1.3 is enabled"],
  ])("%j is refused", (args, message) => expect(() => settings(...args)).toThrow(message));
});

test("a bcrypt cost out of bounds is the default, as on etcd, and said", () => {
  expect(settings("--bcrypt-cost=4").bcryptCost).toBe(4);
  const { server, notices } = settingsOf(read(["--bcrypt-cost=99"]).values, undefined);
  expect(server.bcryptCost).toBeUndefined();
  expect(notices).toEqual(["--bcrypt-cost 99 is not from 4 to 31: the default is used"]);
});

test.each([
  ["0", 0],
  ["10s", 10_000],
  ["1.5h", 5_400_000],
  ["1h2m3s4ms", 3_723_004],
  ["250us", 0.25],
  ["3µs", 0.003],
  [".5s", 500],
  ["-1m", -60_000],
  ["+1m", 60_000],
  ["", undefined],
  ["5", undefined],
  ["5 s", undefined],
  ["s", undefined],
  ["1d", undefined],
  ["1m2", undefined],
  ["--1s", undefined],
])("the duration %j", (text, ms) => expect(parseDuration(text)).toBe(ms));
