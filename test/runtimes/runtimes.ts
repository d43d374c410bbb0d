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

/** All of it takes moments, but not on a machine that has others to serve. */
const PATIENCE = ["--testTimeout=300000", "--hookTimeout=300000", "--expect.poll.timeout=60000"];

const PROTOCOLS = { grpc: "gRPC", "grpc-web": "gRPC-Web", connect: "Connect" };

interface Road {
  readonly httpVersion?: "1.1" | "2";
  /** Of Node's server. */
  readonly h2?: "node" | "engine";
}

/** The RPC rules by a protocol. */
function rules(protocol: keyof typeof PROTOCOLS, { httpVersion, h2 }: Road = {}): Suite {
  const over = [httpVersion && ` over HTTP/${httpVersion}`, h2 && `, --h2 ${h2}`].filter(Boolean).join("");
  return {
    name: `RPC rules by ${PROTOCOLS[protocol]}${over}`,
    flags: ["--no-isolate", ...PATIENCE],
    env: {
      RULES_PROTOCOL: protocol,
      ...(httpVersion && { RULES_HTTP_VERSION: httpVersion }),
      ...(h2 && { RULES_H2: h2 }),
    },
  };
}

/** All that Node's server speaks. */
const NODE_SERVER = [
  rules("grpc", { h2: "engine" }),
  rules("grpc", { h2: "node" }),
  rules("grpc-web"),
  rules("connect"),
  rules("connect", { httpVersion: "2", h2: "engine" }),
];
const FETCH = [rules("grpc-web"), rules("connect")];
/** The clients are in this process, the servers in the runtime. */
const TLS: Suite = {
  name: "TLS of Node's server",
  files: globSync("test/platform/node/tls*.test.ts").toSorted(),
  flags: PATIENCE,
  env: { SERVERS: "elsewhere" },
};
/** On HTTP/1.1 Deno reads no more of a request once the response has begun. */
const FETCH_HTTP2 = [rules("grpc-web", { httpVersion: "2" }), rules("connect", { httpVersion: "2" })];

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
    flags: ["--pool=forks", ...PATIENCE],
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
const CHROMIUM = ["-c", "test/runtimes/chromium.config.ts", "--no-isolate", ...PATIENCE];
const DENO = ["deno", "run", "-A"];
const BUN = ["bun", "--bun"];

export const RUNTIMES: readonly Runtime[] = [
  { name: "node", missing: always, suites: NODE_SERVER },
  { name: "fetch", missing: always, suites: FETCH },
  {
    name: "bridge",
    missing: missingChromium,
    suites: [
      { name: "RPC rules by Connect", flags: CHROMIUM },
      {
        name: "journal and stores, tested in it",
        files: globSync("test/platform/browser/*.page.ts").toSorted(),
        flags: CHROMIUM,
      },
    ],
  },
  {
    name: "service-worker",
    missing: missingChromium,
    suites: FETCH.map((suite) => {
      return { ...suite, flags: CHROMIUM };
    }),
  },
  {
    name: "workerd",
    missing: always,
    host: ["node", "test/platform/workerd/host.ts"],
    suites: [
      ...FETCH,
      {
        name: "journal, eviction, scale",
        files: globSync("test/platform/workerd/*.test.ts").toSorted(),
        flags: PATIENCE,
      },
    ],
  },
  {
    name: "deno",
    missing: needs("deno"),
    host: [...DENO, HOST, "deno", "--data-dir"],
    suites: [...FETCH_HTTP2, inside(DENO)],
  },
  {
    name: "deno-node",
    missing: needs("deno"),
    host: [...DENO, HOST, "node"],
    suites: [...NODE_SERVER, TLS],
  },
  {
    name: "bun",
    missing: needs("bun"),
    host: [...BUN, HOST, "bun", "--data-dir"],
    suites: [...FETCH, inside(BUN)],
  },
  {
    name: "bun-node",
    missing: needs("bun"),
    host: [...BUN, HOST, "node"],
    suites: [...NODE_SERVER, TLS],
  },
];
