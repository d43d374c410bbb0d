/** The model: told of each request as it is applied, it says what the answer must be. */
import type { Caller, Request } from "../request.ts";
import { requireLease, requireOp, requireRange, requireRoot, requireUser } from "./auth.ts";
import { applyOp, Errors, endLease, Refusal } from "./kv.ts";
import { byKey, EventLog, FIRST_STATE, holds, type ModelEvent, type State } from "./state.ts";

/** A reply to be equal to, an error to have this text, or a reply in the hands of who knows more. */
export type Expectation =
  | { readonly kind: "reply"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "any" };

/** When a lease ends: a restart may give it time, and takes none that somebody was promised. */
export interface LeaseWindow {
  readonly earliestMs: number;
  readonly latestMs: number;
  /** Until when somebody was told that it lasts. */
  readonly promisedMs: number;
}

/** How many hashes of compactions outlast their revisions. */
const KEPT_HASHES = 10;
const MIN_TTL_SECONDS = 2;

export class Model {
  readonly log = new EventLog();
  /** Every state since the last restart that a crash could go back to, the one it began with first. */
  steps: State[] = [FIRST_STATE];
  /** The step that is known to be durable, as somebody was told of it. */
  acknowledged = 0;
  readonly windows = new Map<bigint, LeaseWindow>();
  readonly #onEvents: (events: readonly ModelEvent[]) => void;
  #compactions: readonly number[] = [];

  /** @param onEvents told of what the etcd must commit */
  constructor(onEvents: (events: readonly ModelEvent[]) => void) {
    this.#onEvents = onEvents;
  }

  get state(): State {
    return this.steps.at(-1) as State;
  }

  get step(): number {
    return this.steps.length - 1;
  }

  /** Makes the next state, with the events that come with it. */
  advance(state: State, events: readonly ModelEvent[] = []): void {
    if (state !== this.state) this.steps.push(state);
    if (events.length > 0) this.log.append(state.revision, events);
  }

  /** Somebody was told of what was there at this step. */
  acknowledge(step: number): void {
    this.acknowledged = Math.max(this.acknowledged, step);
  }

  acknowledgeRevision(revision: number): void {
    const step = this.steps.findIndex((state) => state.revision >= revision);
    this.acknowledge(step === -1 ? this.step : step);
  }

  /** What a restart has brought back: one of the steps, those after it are undone. */
  restart(step: number, nowMs: number): void {
    const state = this.steps[step] as State;
    this.steps = [state];
    this.acknowledged = 0;
    this.log.cut(state.revision);
    this.#compactions = this.#compactions.filter((revision) => revision <= state.compacted);
    for (const id of [...this.windows.keys()]) if (!state.leases.has(id)) this.windows.delete(id);
    for (const [id, ttlSeconds] of state.leases) {
      // A lease may be back whose end nobody was told of, nor that it lasts.
      const promisedMs = this.windows.get(id)?.promisedMs ?? 0;
      this.windows.set(id, { earliestMs: promisedMs, latestMs: nowMs + ttlSeconds * 1000, promisedMs });
    }
  }

  /** Somebody was told that a lease lasts until then. */
  promise(id: bigint, untilMs: number): void {
    const window = this.windows.get(id);
    if (window === undefined) return;
    // Of a lease of that ID that was before it may have lasted longer.
    const promisedMs = Math.max(window.promisedMs, Math.min(untilMs, window.earliestMs));
    this.windows.set(id, { ...window, promisedMs });
  }

  wasCompactedTo(revision: number): boolean {
    return this.#compactions.includes(revision);
  }

  apply(request: Request, caller: Caller, nowMs: number): Expectation {
    try {
      return this.#apply(request, caller, nowMs);
    } catch (error) {
      if (error instanceof Refusal) return { kind: "error", text: error.message };
      throw error;
    }
  }

  /** That a lease's time has run out. */
  expire(id: bigint): readonly ModelEvent[] {
    const { state, events } = endLease(this.state, this.log, id);
    this.advance(state, events);
    this.windows.delete(id);
    return events;
  }

  /** Events of a range after a revision, those of the last one included. */
  eventsIn(range: { readonly key: string; readonly end: string }, from: number, to: number): ModelEvent[] {
    const events: ModelEvent[] = [];
    for (let at = Math.max(2, from); at <= to; at++) {
      for (const event of this.log.at(at)) if (holds(range.key, range.end, event.pair.key)) events.push(event);
    }
    return events;
  }

  #apply(request: Request, caller: Caller, nowMs: number): Expectation {
    const { state } = this;
    switch (request.kind) {
      case "range":
      case "put":
      case "delete":
      case "txn":
        requireOp(state, caller, request);
        return this.#done(applyOp(state, this.log, request));
      case "rangeStream":
        requireRange(state, caller, request.range.key, request.range.end);
        return { kind: "reply", text: applyOp(state, this.log, request.range).reply };
      case "compact":
        requireRoot(state, caller);
        return this.#compact(request.revision);
      case "hash":
        requireRoot(state, caller);
        return this.#hash(request.revision);
      case "lock":
      case "unlock":
        return ANY;
      case "grant":
      case "revoke":
      case "keepAlive":
      case "timeToLive":
      case "leases":
        return this.#lease(request, caller, nowMs);
      default:
        return this.#auth(request, caller);
    }
  }

  #done({ reply, state, events }: ReturnType<typeof applyOp>): Expectation {
    this.advance(state, events);
    if (events.length > 0) this.#onEvents(events);
    return { kind: "reply", text: reply };
  }

  #compact(revision: number): Expectation {
    const { state } = this;
    if (revision <= state.compacted) throw new Refusal(Errors.compacted);
    if (revision > state.revision) throw new Refusal(Errors.futureRevision);
    this.advance({ ...state, compacted: revision });
    this.#compactions = [...this.#compactions, revision];
    return { kind: "reply", text: `r${state.revision}` };
  }

  #hash(revision: number): Expectation {
    const { state } = this;
    if (this.#compactions.slice(-KEPT_HASHES).includes(revision)) return ANY;
    if (revision > 0 && revision < state.compacted) throw new Refusal(Errors.compacted);
    if (revision > state.revision) throw new Refusal(Errors.futureRevision);
    return ANY;
  }

  #lease(request: Extract<Request, { kind: LeaseKind }>, caller: Caller, nowMs: number): Expectation {
    const { state } = this;
    requireUser(state, caller);
    switch (request.kind) {
      case "grant": {
        if (state.leases.has(request.id)) throw new Refusal(Errors.leaseExists);
        const ttlSeconds = Math.max(request.ttlSeconds, MIN_TTL_SECONDS);
        this.advance({ ...state, leases: new Map(state.leases).set(request.id, ttlSeconds) });
        this.#renew(request.id, ttlSeconds, nowMs);
        return { kind: "reply", text: `r${state.revision} ${request.id} ttl ${ttlSeconds}` };
      }
      case "revoke": {
        requireLease(state, caller, request.id);
        if (!state.leases.has(request.id)) throw new Refusal(Errors.leaseNotFound);
        this.windows.delete(request.id);
        return this.#done(endLease(state, this.log, request.id));
      }
      case "keepAlive": {
        requireLease(state, caller, request.id);
        const ttlSeconds = state.leases.get(request.id) ?? 0;
        if (ttlSeconds > 0) this.#renew(request.id, ttlSeconds, nowMs);
        return { kind: "reply", text: `r${state.revision} ${request.id} ttl ${ttlSeconds}` };
      }
      case "timeToLive":
        requireLease(state, caller, request.id);
        return { kind: "reply", text: this.#timeToLive(request.id, nowMs) };
      case "leases": {
        for (const id of state.leases.keys()) requireLease(state, caller, id);
        return { kind: "reply", text: `r${state.revision} ${[...state.leases.keys()].sort().join(" ")}` };
      }
    }
  }

  #renew(id: bigint, ttlSeconds: number, nowMs: number): void {
    const endMs = nowMs + ttlSeconds * 1000;
    const promisedMs = this.windows.get(id)?.promisedMs ?? 0;
    this.windows.set(id, { earliestMs: endMs, latestMs: endMs, promisedMs });
  }

  #timeToLive(id: bigint, nowMs: number): string {
    const { state } = this;
    const ttlSeconds = state.leases.get(id);
    const window = this.windows.get(id);
    if (ttlSeconds === undefined || window === undefined) return `r${state.revision} ${id} -1`;
    const left = (endMs: number): number => Math.max(0, Math.floor((endMs - nowMs) / 1000));
    const keys = [...state.pairs.values()].filter(({ lease }) => lease === id).sort(byKey);
    const between = `${left(window.earliestMs)}..${left(window.latestMs)}`;
    return `r${state.revision} ${id} ${between} of ${ttlSeconds} ${keys.map(({ key }) => key).join(" ")}`;
  }

  #auth(request: Extract<Request, { kind: AuthKind }>, caller: Caller): Expectation {
    const { state } = this;
    const { auth } = state;
    const changed = (fields: Partial<State["auth"]>): void => this.advance({ ...state, auth: { ...auth, ...fields } });
    if (request.kind === "authenticate") {
      if (!auth.enabled) throw new Refusal(Errors.authNotEnabled);
      return ANY;
    }
    if (request.kind === "authStatus") {
      if (auth.enabled && caller.kind === "stranger") throw new Refusal(Errors.invalidAuthToken);
      return { kind: "reply", text: `r${state.revision} ${auth.enabled} ${auth.revision}` };
    }
    requireRoot(state, caller);
    const revision = auth.revision + 1;
    if (request.kind === "authEnable" && !auth.enabled) changed({ enabled: true });
    if (request.kind === "authDisable" && auth.enabled) changed({ enabled: false, revision });
    if (request.kind === "grantPermission" || request.kind === "revokePermission") {
      const others = auth.granted.filter(({ key, end }) => key !== request.key || end !== request.end);
      if (request.kind === "grantPermission") {
        changed({ revision, granted: [...others, { key: request.key, end: request.end }] });
      } else {
        if (others.length === auth.granted.length) throw new Refusal(Errors.permissionNotGranted);
        changed({ revision, granted: others });
      }
    }
    return { kind: "reply", text: `r${state.revision}` };
  }
}

type LeaseKind = "grant" | "revoke" | "keepAlive" | "timeToLive" | "leases";
type AuthKind = "authenticate" | "authEnable" | "authDisable" | "authStatus" | "grantPermission" | "revokePermission";

const ANY: Expectation = { kind: "any" };
