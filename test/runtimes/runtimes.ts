/** Every runtime that etcdlite runs in, how its stores are reached, and what is tested there. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { findChromium, MISSING_CHROMIUM } from "../browser/support/chromium.ts";

export interface Runtime {
  /** As RULES_AGAINST has it, see test/rpc/support/target.ts. */
  readonly name: string;
  /** What there is to say where it is not there. */
  missing(): string | undefined;
  /** A host of stores: its first line is the URL that openOnHost in test/rpc/support/runtimes.ts asks. */
  readonly host?: readonly string[];
  readonly suites: readonly Suite[];
}

/** One run of vitest. */
export interface Suite {
  readonly name: string;
  /** Default: the RPC rules. */
  readonly files?: readonly string[];
  /** What runs vitest; default: Node. */
  readonly command?: readonly string[];
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const PROTOCOLS = { grpc: "gRPC", "grpc-web": "gRPC-Web", connect: "Connect" };

function rules(protocols: ReadonlyArray<keyof typeof PROTOCOLS>, httpVersion = "1.1"): Suite[] {
  return protocols.map((protocol) => ({
    name: `RPC rules by ${PROTOCOLS[protocol]}`,
    flags: ["--no-isolate"],
    env: { RULES_PROTOCOL: protocol, RULES_HTTP_VERSION: httpVersion },
  }));
}

/** vitest and all in the runtime itself, not in a thread of it: a data dir has threads of its own. */
function inside(command: readonly string[]): Suite {
  const files = [
    "test/journal/memory.test.ts",
    "test/runtimes/fetch.test.ts",
    ...globSync("test/platform/node/journal/*.test.ts"),
  ];
  return {
    name: "data dir and fetch handler, tested in it",
    command,
    files: files.toSorted(),
    flags: ["--pool=forks"],
  };
}

const always = (): undefined => undefined;

const missingChromium = (): string | undefined => (findChromium() === undefined ? MISSING_CHROMIUM : undefined);

function needs(program: string): () => string | undefined {
  return () => {
    const { status } = spawnSync(program, ["--version"]);
    return status === 0 ? undefined : `no ${program} found: npm ci installs it`;
  };
}

const HOST = "test/runtimes/host.ts";
const DENO = ["deno", "run", "-A"];
const BUN = ["bun", "--bun"];

export const RUNTIMES: readonly Runtime[] = [
  { name: "node", missing: always, suites: rules(["grpc", "grpc-web", "connect"]) },
  { name: "fetch", missing: always, suites: rules(["grpc-web", "connect"]) },
  {
    name: "bridge",
    missing: missingChromium,
    suites: [{ name: "RPC rules in Chromium", flags: ["-c", "vitest.browser.config.ts", "--project", "page"] }],
  },
  {
    name: "service-worker",
    missing: missingChromium,
    suites: rules(["grpc-web", "connect"]).map((suite) => {
      return { ...suite, flags: ["-c", "test/runtimes/service-worker.config.ts"] };
    }),
  },
  {
    name: "workerd",
    missing: always,
    host: ["node", "test/platform/workerd/host.ts"],
    suites: [
      ...rules(["grpc-web", "connect"]),
      { name: "journal, eviction, scale", files: globSync("test/platform/workerd/*.test.ts").toSorted() },
    ],
  },
  // On HTTP/1.1 Deno reads no more of a request once the response has begun.
  {
    name: "deno",
    missing: needs("deno"),
    host: [...DENO, HOST, "deno", "--data-dir"],
    suites: [...rules(["grpc-web", "connect"], "2"), inside(DENO)],
  },
  {
    name: "deno-node",
    missing: needs("deno"),
    host: [...DENO, HOST, "node"],
    suites: rules(["grpc", "grpc-web", "connect"]),
  },
  {
    name: "bun",
    missing: needs("bun"),
    host: [...BUN, HOST, "bun", "--data-dir"],
    suites: [...rules(["grpc-web", "connect"]), inside(BUN)],
  },
  {
    name: "bun-node",
    missing: needs("bun"),
    host: [...BUN, HOST, "node"],
    suites: rules(["grpc", "grpc-web", "connect"]),
  },
];
