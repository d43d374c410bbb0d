/** From arguments and variables to what the server is told. */
import { describe, expect, test } from "vitest";
import { type CommandLine, readCommandLine } from "../../../src/platform/node/cli/command-line.ts";
import { FLAGS } from "../../../src/platform/node/cli/flags.ts";
import { settingsOf } from "../../../src/platform/node/cli/settings.ts";
import { parseDuration } from "../../../src/platform/node/duration.ts";
import type { ServerOptions } from "../../../src/platform/node/index.ts";

type RunLine = Extract<CommandLine, { kind: "run" }>;

function read(args: readonly string[], environment = {}): RunLine {
  const line = readCommandLine(args, environment);
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
  ])("%j", (args) => expect(read(args).values.get("name")).toBe("x"));

  test("a value may look like a flag or be empty", () => {
    expect(read(["--name", "--pre-vote"]).values).toEqual(new Map([["name", "--pre-vote"]]));
    expect(read(["--name="]).values.get("name")).toBe("");
    expect(read(["--name", "a=b"]).values.get("name")).toBe("a=b");
  });

  test("a boolean takes no next argument", () => {
    const line = read(["--force-new-cluster", "127.0.0.1:1"]);
    expect(line.address).toBe("127.0.0.1:1");
    expect(line.values.get("force-new-cluster")).toBe("true");
  });

  test("behind two dashes there are no flags", () => {
    expect(read(["--name", "x", "--", "127.0.0.1:1"]).address).toBe("127.0.0.1:1");
  });

  test("each flag of etcd 3.7 is taken with the value it has there", () => {
    for (const flag of FLAGS) {
      const args = flag.value === undefined ? [`--${flag.name}`] : [`--${flag.name}`, "1"];
      expect(read([...args, "127.0.0.1:1"]).values.has(flag.name), flag.name).toBe(true);
    }
    expect(new Set(FLAGS.map(({ name }) => name)).size).toBe(FLAGS.length);
  });
});

test.each([
  [["--bogus"], "unknown option '--bogus'"],
  [["-bogus=1"], "unknown option '--bogus=1'"],
  [["--listen-client-url", "x"], "unknown option '--listen-client-url' (Did you mean --listen-client-urls?)"],
  [["--name"], "option '--name <name>' argument missing"],
  [["1", "2"], "too many arguments. Expected 1 argument but got 2: 1, 2."],
  [["--listen-client-urls", "http://127.0.0.1:x"], 'URL address does not have the form "host:port"'],
  [["--advertise-client-urls", "example.com:1"], "URL scheme must be http, https, unix, or unixs: example.com:1"],
  [["--auto-compaction-mode", "never"], 'unknown --auto-compaction-mode "never"'],
  [["--log-level", "loud"], 'unknown --log-level "loud"'],
  [["--log-format", "xml"], 'unknown --log-format "xml"'],
  [["--config-file", "x.yml"], "--config-file is not read"],
])("%j is refused in one line", (args, message) => {
  const use = (): unknown => {
    const { values, address } = read(args);
    return settingsOf(values, address);
  };
  expect(use).toThrow(message);
  expect(use).toThrow(/^[^\n]+$/);
});

describe("variables", () => {
  test("stand for flags that are not given", () => {
    const line = read(["--name", "flag"], { ETCD_NAME: "variable", ETCD_MAX_TXN_OPS: "7", PATH: "/bin" });
    expect(line.values).toEqual(
      new Map([
        ["name", "flag"],
        ["max-txn-ops", "7"],
      ]),
    );
    expect(line.warnings).toEqual(["ETCD_NAME is not used: --name is given"]);
  });

  test("that are empty are not there, those not known are named", () => {
    const line = read([], { ETCD_NAME: "", ETCD_FOO: "1", ETCDCTL_API: "3", ETCD_UNSUPPORTED_ARCH: "arm" });
    expect(line.values.size).toBe(0);
    expect(line.warnings).toEqual(["not known, and not used: ETCD_FOO"]);
  });
});

describe("settings", () => {
  test("nothing given is etcd's default, said as etcd says it", () => {
    expect(settings()).toEqual({
      listenClientUrls: ["http://localhost:2379"],
      advertiseClientUrls: ["http://localhost:2379"],
      autoCompactionMode: "periodic",
      autoCompactionRetentionMs: 0,
    });
  });

  test.each([
    ["127.0.0.1:2379", "http://127.0.0.1:2379"],
    ["localhost:1", "http://localhost:1"],
    ["[::1]:1", "http://[::1]:1"],
    [":1", "http://:1"],
    ["23790", "http://localhost:23790"],
    ["http://127.0.0.1:1", "http://127.0.0.1:1"],
  ])("the address %s is %s", (address, url) => expect(settings(address).listenClientUrls).toEqual([url]));

  test.each(["x", "1.2.3.4", "example.com:1", "70000", "https://127.0.0.1:1"])("%s is no address", (address) => {
    expect(() => settings(address)).toThrow(`"${address}" is neither a flag nor an address`);
  });

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
    expect(() => settings("--max-request-bytes=1e3")).toThrow("an integer not below 0 is needed");
    expect(() => settings("--max-concurrent-streams=4294967296")).toThrow("an integer not below 0 is needed");
    expect(() => settings("--watch-progress-notify-interval=5")).toThrow("a duration such as 10s is needed");
  });
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
