/** One call of a client: sent, arrived at the server, answered, seen by the client; or lost on its way. */
import { EtcdError, Status } from "../../src/errors.ts";
import type { AuthenticateResponse } from "../../src/gen/etcdserverpb/auth_pb.ts";
import type { RangeResponse, RangeStreamResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import type { HashKVResponse } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { LockResponse } from "../../src/gen/v3lockpb/lock_pb.ts";
import type { HistoryOp, Recording } from "./history.ts";
import { callOf, showReply } from "./messages.ts";
import type { Expectation } from "./model/model.ts";
import { byKey } from "./model/state.ts";
import { type Oracle, show } from "./oracle.ts";
import { LOCK_PREFIX, lockKey, type Request } from "./request.ts";
import { type Server, SimulatedContext } from "./server.ts";
import { pairOf, revisionOf, showRange, textOf } from "./show.ts";

export interface CallHost {
  readonly oracle: Oracle;
  /** Whether nothing may be acknowledged any more. */
  readonly isBroken: boolean;
  trace(line: string): void;
}

const UNAVAILABLE: Expectation = { kind: "any" };
/** What the lock service may say, beside that it has the lock. */
const LOCK_ERRORS =
  /lease not found|session is expired|permission denied|user name is empty|invalid auth token|compacted|old$|context canceled/;

export class ClientCall {
  readonly request: Request;
  readonly token: string | undefined;
  state: "sent" | "arrived" | "answered" | "over" = "sent";
  /** The token that was given, for the client to use once it has seen it. */
  givenToken: string | undefined;
  readonly #host: CallHost;
  readonly #recording: Recording | undefined;
  #answer: { readonly kind: "reply" | "error" | "unknown"; readonly text: string } | undefined;
  #context: SimulatedContext | undefined;
  /** What it has made. */
  #revision: number | undefined;

  constructor(client: number, request: Request, token: string | undefined, host: CallHost) {
    this.request = request;
    this.token = token;
    this.#host = host;
    const op = historyOpOf(request);
    this.#recording = op === undefined ? undefined : host.oracle.history.begin(client, op);
  }

  /** The server takes it. */
  arrive(server: Server): void {
    this.state = "arrived";
    const { oracle } = this.#host;
    const { model } = oracle;
    const caller = oracle.callerOf(this.token);
    const isRefused = server.phase === "failed" || this.#host.isBroken;
    const { revision } = model.state;
    const expectation = isRefused ? UNAVAILABLE : oracle.begin(this.request, caller);
    if (model.state.revision > revision) this.#revision = model.state.revision;
    const at = {
      step: model.step,
      epoch: oracle.epoch,
      authRevision: model.state.auth.revision,
      lease: this.#renewed(expectation),
      isCompacted: this.request.kind === "hash" && model.wasCompactedTo(this.request.revision),
    };
    const answered = (answer: () => void): void => {
      if (server.phase !== "down") answer();
    };
    this.#host.trace(`arrives ${show(this.request)} ${server.phase}`);
    let result: unknown;
    try {
      result = this.#run(server);
    } catch (error) {
      this.#failed(error, expectation, at);
      return;
    } finally {
      oracle.end(this.request);
    }
    if (!(result instanceof Promise)) this.#replied(result, expectation, at);
    else {
      result.then(
        (reply) => answered(() => this.#replied(reply, expectation, at)),
        (error: unknown) => answered(() => this.#failed(error, expectation, at)),
      );
    }
  }

  /** The client sees the answer. */
  see(): void {
    this.state = "over";
    const answer = this.#answer;
    if (answer?.kind === "reply") this.#recording?.told(answer.text);
    else if (answer?.kind === "error") this.#recording?.refused();
    else this.#recording?.lost(this.#revision);
  }

  /** The connection is gone: what became of it the client will never know. */
  lose(tellServer: boolean): void {
    this.state = "over";
    this.#recording?.lost(this.#revision);
    if (tellServer) this.#context?.abort();
  }

  /** Whether the answer is that the caller is nobody who is known. */
  get isTokenRefused(): boolean {
    const text = this.#answer?.text ?? "";
    return text.endsWith("user name is empty") || text.endsWith("invalid auth token");
  }

  /** Whether it waits for a lock that it should have. */
  get isForgottenWaiter(): boolean {
    if (this.request.kind !== "lock" || this.state !== "arrived") return false;
    const { name, lease } = this.request;
    const { pairs } = this.#host.oracle.model.state;
    return firstOf(pairs.values(), name)?.key === lockKey(name, lease);
  }

  #renewed({ kind }: Expectation): Moment["lease"] {
    const { request } = this;
    if (kind !== "reply" || (request.kind !== "grant" && request.kind !== "keepAlive")) return undefined;
    return { id: request.id, untilMs: this.#host.oracle.model.windows.get(request.id)?.earliestMs ?? 0 };
  }

  #run(server: Server): unknown {
    const call = callOf(this.request);
    const context = new SimulatedContext(call.service, call.method, this.token);
    this.#context = context;
    switch (this.request.kind) {
      case "rangeStream":
        return collect(server.call(call, context) as AsyncIterable<RangeStreamResponse>);
      case "keepAlive":
        return first(server.stream(call.service, call.method, once(call.message), context));
      default:
        return server.call(call, context);
    }
  }

  #replied(reply: unknown, expectation: Expectation, at: Moment): void {
    const { oracle } = this.#host;
    const text = this.request.kind === "rangeStream" ? String(reply) : showReply(this.request, reply);
    this.#answered("reply", text);
    if (this.#host.isBroken) oracle.fail(`acknowledged after a failed write: ${show(this.request)}: ${text}`);
    oracle.model.acknowledge(at.step);
    if (at.lease !== undefined) oracle.model.promise(at.lease.id, at.lease.untilMs);
    if (expectation.kind === "any") this.#checkAny(reply, at);
    else if (expectation.kind === "error" || !agree(expectation.text, text)) {
      oracle.fail(`${show(this.request)} was answered ${text}, not ${expectation.text}`);
    }
  }

  #checkAny(reply: unknown, at: Moment): void {
    const { oracle } = this.#host;
    if (this.request.kind === "hash") {
      const { hash, hashRevision, compactRevision } = reply as HashKVResponse;
      const revisions = { revision: Number(hashRevision), compactRevision: Number(compactRevision) };
      oracle.hashed(hash, { ...revisions, isCompacted: at.isCompacted });
    } else if (this.request.kind === "authenticate") {
      this.givenToken = (reply as AuthenticateResponse).token;
      oracle.tokenGiven(this.givenToken, this.request.user, at.epoch);
    } else if (this.request.kind === "lock") this.#checkLock(reply as LockResponse, this.request.name);
    else oracle.model.acknowledgeRevision(revisionOf(reply as RangeResponse));
  }

  /** Who has a lock is the first of those who want it. */
  #checkLock(reply: LockResponse, name: string): void {
    const { model } = this.#host.oracle;
    const revision = revisionOf(reply);
    model.acknowledgeRevision(revision);
    const owner = firstOf(model.log.pairsAt(revision).values(), name)?.key;
    if (owner === textOf(reply.key)) return;
    this.#host.oracle.fail(`${show(this.request)} was given the lock at ${revision}, which ${owner} has`);
  }

  #failed(error: unknown, expectation: Expectation, at: Moment): void {
    const { oracle } = this.#host;
    if (!(error instanceof EtcdError)) {
      oracle.fail(`${show(this.request)} failed with ${error instanceof Error ? error.stack : String(error)}`);
      return;
    }
    if (error.status === Status.UNAVAILABLE) {
      this.#answered("unknown", error.message);
      if (!this.#host.isBroken && error.message !== STOPPED) {
        oracle.fail(`${show(this.request)}: ${error.message}, though nothing failed`);
      }
      return;
    }
    this.#answered("error", error.message);
    if (this.#host.isBroken) oracle.fail(`an answer after a failed write: ${show(this.request)}: ${error.message}`);
    oracle.model.acknowledge(at.step);
    if (this.#isPermitted(error.message, expectation, at)) return;
    const wanted = expectation.kind === "any" ? "an answer" : expectation.text;
    oracle.fail(`${show(this.request)} was answered ${error.message}, not ${wanted}`);
  }

  #isPermitted(text: string, expectation: Expectation, at: Moment): boolean {
    if (expectation.kind === "error" && expectation.text === text) return true;
    const { kind } = this.request;
    if (kind === "lock" || kind === "unlock") return LOCK_ERRORS.test(text);
    if (kind !== "rangeStream") return false;
    // It may be overtaken, as it is read bit by bit.
    const { compacted, auth } = this.#host.oracle.model.state;
    if (text.endsWith("compacted")) return compacted > 1;
    return text.endsWith("revision of auth store is old") && auth.revision !== at.authRevision;
  }

  #answered(kind: "reply" | "error" | "unknown", text: string): void {
    this.#host.trace(`${this.request.kind} ${kind} ${text}`);
    this.#answer = { kind, text };
    if (this.state === "arrived") this.state = "answered";
  }
}

interface Moment {
  readonly step: number;
  readonly epoch: number;
  readonly authRevision: number;
  /** Whether the revision to hash is one that was compacted to. */
  readonly isCompacted: boolean;
  /** What its reply promises. */
  readonly lease: { readonly id: bigint; readonly untilMs: number } | undefined;
}

const STOPPED = "etcdserver: server stopped";

function historyOpOf(request: Request): HistoryOp | undefined {
  switch (request.kind) {
    case "range":
    case "put":
    case "delete":
    case "txn":
      return request;
    case "revoke":
      return { kind: "endLease", lease: request.id };
    default:
      return undefined;
  }
}

function firstOf(pairs: Iterable<{ readonly key: string; readonly create: number }>, name: string) {
  const prefix = `${LOCK_PREFIX}${name}/`;
  return [...pairs].filter(({ key }) => key.startsWith(prefix)).sort((a, b) => a.create - b.create)[0];
}

/** Of a number that is only known to be between two, any of them. */
function agree(expected: string, text: string): boolean {
  const bounds = / (\d+)\.\.(\d+) of /.exec(expected);
  if (bounds === null) return expected.trimEnd() === text.trimEnd();
  const number = Number(/^r\d+ \d+ (-?\d+) of /.exec(text)?.[1] ?? Number.NaN);
  if (!(number >= Number(bounds[1]) && number <= Number(bounds[2]))) return false;
  return expected.replace(bounds[0], ` ${number} of `).trimEnd() === text.trimEnd();
}

async function* once(message: unknown): AsyncGenerator<unknown> {
  yield message;
}

async function first(messages: AsyncIterable<unknown>): Promise<unknown> {
  for await (const message of messages) return message;
  throw new Error("the stream ended without a message");
}

/** A stream of ranges as one reply. */
async function collect(messages: AsyncIterable<RangeStreamResponse>): Promise<string> {
  const parts: RangeResponse[] = [];
  for await (const { rangeResponse } of messages) if (rangeResponse !== undefined) parts.push(rangeResponse);
  const last = parts.at(-1);
  if (last === undefined) return "nothing";
  const pairs = parts.flatMap(({ kvs }) => kvs.map(pairOf)).sort(byKey);
  return showRange({ revision: revisionOf(last), count: Number(last.count), more: last.more, pairs });
}
