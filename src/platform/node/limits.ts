/**
 * How much clients may ask for before they are refused. The defaults let through all that clients of etcd are known
 * to do, ten thousand watches on one connection among it, and keep bounded what a hostile one can do.
 *
 * What etcd has a limit for goes by its flag's name. Those on watches say what a call means: see EtcdOptions.
 */
export interface Limits {
  /** Connections in all; one takes 20 KB and a file descriptor. Default 10,000. */
  readonly maxConnections: number;
  /** HTTP/2 streams at once on a connection; one takes 5 KB, with a watch 25 KB. Default 20,000. */
  readonly maxConcurrentStreams: number;
  /** gRPC calls that are open at once, in all. Default 50,000. */
  readonly maxOpenCalls: number;
  /** Names and values of a request's headers; tokens are the longest there are. Default 32 KiB, at most 64 KiB. */
  readonly maxHeaderBytes: number;
  /** What a stream's client may send before its method has taken it. Default 1 MiB. */
  readonly maxStreamBufferBytes: number;
  /** Replies that a connection's client has not taken; its further calls wait until it has. Default 64 MiB. */
  readonly maxConnectionBufferBytes: number;
  /**
   * The same of all connections, and requests that are not whole or wait for their turn; then the connection with the
   * most of them is closed. Default 1 GiB.
   */
  readonly maxBufferBytes: number;
  /**
   * Calls without any answer yet that a connection's client may cancel at once; a tenth comes back each second. Those
   * that have had one, as a watch has, may all be canceled at once. Default 1,000.
   */
  readonly maxStreamResets: number;
  /** SETTINGS frames of a connection within 10 seconds; clients send one at the start. Default 100. */
  readonly maxSettingsFrames: number;
  /** How deep a message may be nested, JSON or not; a txn in a txn is two. Default 1,000. */
  readonly maxMessageDepth: number;
  /** For TLS, for the first bytes, and over HTTP/1.1 for the headers to arrive. Default 30 s. */
  readonly handshakeTimeoutMs: number;
  /** For a request, or one message of a stream of them, to arrive as a whole; 0 for no limit. Default 60 s. */
  readonly requestTimeoutMs: number;
  /** Silence of a connection without calls, after which it is closed; 0 for no limit. Default 30 minutes. */
  readonly connectionIdleTimeoutMs: number;
  /** Between the pings of a client, as grpc-go has it; 0 for 5 minutes, below 0 for any. Default 5 s. */
  readonly grpcKeepaliveMinTimeMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: Limits = {
  maxConnections: 10_000,
  maxConcurrentStreams: 20_000,
  maxOpenCalls: 50_000,
  maxHeaderBytes: 32 * KIB,
  maxStreamBufferBytes: MIB,
  maxConnectionBufferBytes: 64 * MIB,
  maxBufferBytes: 1024 * MIB,
  maxStreamResets: 1000,
  maxSettingsFrames: 100,
  maxMessageDepth: 1000,
  handshakeTimeoutMs: 30_000,
  requestTimeoutMs: 60_000,
  connectionIdleTimeoutMs: 30 * 60_000,
  grpcKeepaliveMinTimeMs: 5000,
};

/** Those that are given, and the defaults of the others. */
export function limitsOf(given: Partial<Limits>): Limits {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
  return Object.fromEntries(names.map((name) => [name, given[name] ?? DEFAULT_LIMITS[name]])) as unknown as Limits;
}
