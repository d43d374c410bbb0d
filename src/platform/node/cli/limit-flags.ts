/** The flags for what clients may ask for, and the options they are; limits.ts says more of each. */
import type { ServerOptions } from "../server-options.ts";
import type { FlagType } from "./flag-types.ts";

export interface LimitFlag {
  readonly name: string;
  readonly type: FlagType;
  readonly value: string;
  readonly help: string;
  readonly option: keyof ServerOptions;
  /** Of a number of etcdlite's own; etcd's are read as etcd reads them. */
  readonly bounds?: readonly [least: number, most: number];
}

type Row = readonly [name: string, option: keyof ServerOptions, help: string, least?: number, most?: number];

const MAX_HEADER_BYTES = 64 * 1024;
const MIN_WINDOW_BYTES = 16 * 1024;
const MAX_WINDOW_BYTES = 2 ** 31 - 1;
/** What the stack is good for. */
const MAX_DEPTH = 2000;

const COUNTS: readonly Row[] = [
  ["max-connections", "maxConnections", "most connections, default 10000", 1],
  ["max-open-calls", "maxOpenCalls", "most gRPC calls at once, default 50000", 1],
  ["max-watches-per-stream", "maxWatchesPerStream", "most watches of one stream, default 100000", 1],
  ["max-watches", "maxWatches", "most watches in all, default 500000", 1],
  ["max-header-bytes", "maxHeaderBytes", "longest headers of a request, default 32768", 1, MAX_HEADER_BYTES],
  [
    "max-stream-buffer-bytes",
    "maxStreamBufferBytes",
    "what a stream may bring before it is read, default 1048576",
    MIN_WINDOW_BYTES,
    MAX_WINDOW_BYTES,
  ],
  [
    "max-connection-buffer-bytes",
    "maxConnectionBufferBytes",
    "replies not taken after which a connection's calls wait, default 67108864",
    1,
  ],
  ["max-buffer-bytes", "maxBufferBytes", "the same of all, then who has most is cut off, default 1073741824", 1],
  ["max-stream-resets", "maxStreamResets", "calls not answered that a connection may cancel at once, default 1000", 1],
  ["max-settings-frames", "maxSettingsFrames", "SETTINGS frames of a connection in 10s, default 100", 1],
  ["max-message-depth", "maxMessageDepth", "messages in messages, default 1000", 1, MAX_DEPTH],
];

const TIMES: readonly Row[] = [
  ["handshake-timeout", "handshakeTimeoutMs", "for TLS, first bytes and HTTP/1.1 headers, default 30s"],
  ["request-timeout", "requestTimeoutMs", "for a request to arrive as a whole, default 60s, 0 for none"],
  ["connection-idle-timeout", "connectionIdleTimeoutMs", "for HTTP/2 without calls, default 30m, 0 for none"],
  ["grpc-keepalive-min-time", "grpcKeepaliveMinTimeMs", "between a client's pings, default 5s"],
];

export const LIMIT_FLAGS: readonly LimitFlag[] = [
  {
    name: "max-request-bytes",
    type: "uint",
    value: "n",
    help: "largest request, default 1572864",
    option: "maxRequestBytes",
  },
  {
    name: "max-concurrent-streams",
    type: "uint32",
    value: "n",
    help: "most streams at once on a connection, default 20000, 0 for no limit",
    option: "maxConcurrentStreams",
  },
  ...COUNTS.map(([name, option, help, least = 1, most = Number.MAX_SAFE_INTEGER]): LimitFlag => {
    return { name, type: "uint", value: "n", help, option, bounds: [least, most] };
  }),
  ...TIMES.map(([name, option, help]): LimitFlag => ({ name, type: "duration", value: "duration", help, option })),
];
