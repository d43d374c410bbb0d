/**
 * One run: a seed chooses what kind of run it is and everything that happens in it.
 *
 *     clients ── calls, streams ──► server ── journal ──► disk      all in this thread, one thing at a time
 *        └─────── checks ──────► oracle: the model, and what was promised
 */

import { create } from "@bufbuild/protobuf";
import { Auth } from "../../src/gen/etcdserverpb/auth_pb.ts";
import type { Random } from "../differential/random.ts";
import type { CallHost } from "./call.ts";
import { Client } from "./client.ts";
import { type DiskOptions, type Fault, SimulatedDisk } from "./disk.ts";
import { Generator } from "./generate.ts";
import { Oracle } from "./oracle.ts";
import { type Profile, profileOf, type Weights } from "./profile.ts";
import { type Caller, ROLE, ROOT, USER } from "./request.ts";
import { checkRestart } from "./restart.ts";
import { Server, type ServerHost, SimulatedContext, type Wrappers } from "./server.ts";
import type { StreamHost } from "./stream.ts";
import { Trace } from "./trace.ts";
import { inWorld, settled, World } from "./world.ts";

export interface Mutation {
  readonly name: string;
  readonly disk?: DiskOptions;
  readonly wrappers?: (random: Random) => Wrappers;
}

export interface RunOptions {
  readonly steps?: number | undefined;
  readonly mutation?: Mutation | undefined;
  /** Keeps the trace's lines, to be looked at. */
  readonly keepsTrace?: boolean | undefined;
}

export interface RunResult {
  readonly seed: number;
  /** Undefined where all was right. */
  readonly failure: string | undefined;
  /** Of all that happened. */
  readonly hash: string;
  readonly trace: readonly string[];
  /** For porcupine. */
  readonly history: string;
  readonly counts: Counts;
}

export interface Counts {
  steps: number;
  calls: number;
  restarts: number;
  revisions: number;
  /** What HistoryOps porcupine has to look at. */
  operations: number;
  events: number;
  fragments: number;
  progress: number;
  compacted: number;
  torn: number;
  lost: number;
  faults: number;
}

export const DEFAULT_STEPS = 400;
/** More than any run takes to come to rest. */
const MAX_SETTLING_ROUNDS = 2000;
const PROGRESS_INTERVAL_MS = 5000;
/** So that a few large values go over what goes into one message. */
const LARGE_REQUEST_BYTES = 300_000;

/** Runs a seed. It takes no time but the processor's, and nothing else happens in the meantime. */
export function simulate(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const world = new World(seed);
  return inWorld(world, () => new Simulation(seed, world, options).run());
}

class Simulation implements ServerHost, CallHost, StreamHost {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly options;
  readonly wrappers: Wrappers;
  readonly oracle: Oracle;
  readonly #seed: number;
  readonly #steps: number;
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #generator: Generator;
  readonly #clients: readonly Client[];
  readonly #trace: Trace;
  readonly #watched = { events: 0, fragments: 0, progress: 0, compacted: 0 };
  #server: Server | undefined;
  #restarts = 0;
  #calls = 0;

  constructor(seed: number, world: World, { steps = DEFAULT_STEPS, mutation, keepsTrace }: RunOptions) {
    this.#seed = seed;
    this.#steps = steps;
    this.world = world;
    this.#random = world.random;
    this.#profile = profileOf(world.random);
    this.disk = new SimulatedDisk(world.random, mutation?.disk);
    this.wrappers = mutation?.wrappers?.(world.random) ?? {};
    this.#trace = new Trace(keepsTrace);
    this.oracle = new Oracle(() => world.clock.now());
    const { model } = this.oracle;
    this.#generator = new Generator(world.random, this.#profile, () => model.state);
    this.#clients = Array.from(
      { length: this.#profile.clients },
      (_, id) => new Client(id, this, model, this.#watched),
    );
    this.options = {
      watchProgressNotifyIntervalMs: PROGRESS_INTERVAL_MS,
      ...(this.#profile.values === "large" ? { maxRequestBytes: LARGE_REQUEST_BYTES } : {}),
    };
  }

  get isBroken(): boolean {
    return this.disk.isBroken;
  }

  callerOf(token: string | undefined): Caller {
    return this.oracle.callerOf(token);
  }

  denial(caller: Caller, key: string, end: string): string | undefined {
    return this.oracle.denial(caller, key, end);
  }

  fail(what: string): void {
    this.oracle.fail(what);
  }

  trace(line: string): void {
    this.#trace.add(line);
  }

  emitted(text: string, revision: number): void {
    this.trace(text);
    if (this.isBroken) this.fail(`a stream went on after a failed write: ${text}`);
    this.oracle.model.acknowledgeRevision(revision);
  }

  opened(server: Server): void {
    this.#restarts++;
    const { world, oracle } = this;
    checkRestart(oracle, server.etcd, world.clock.now(), world.random);
    oracle.follow(server.etcd);
    this.trace(`open r${server.etcd.store.revision}`);
  }

  ended(server: Server): void {
    this.trace("ended");
    if (server.failure !== undefined && !this.isBroken) this.fail(`it does not open: ${String(server.failure)}`);
    this.#lifeOver();
  }

  async run(): Promise<RunResult> {
    await this.#start();
    let steps = 0;
    for (; steps < this.#steps && this.oracle.failure === undefined; steps++) await this.#step();
    if (this.oracle.failure === undefined) await this.#end();
    const { oracle, disk } = this;
    const { torn, lost, faults } = disk.counts;
    const counts = { steps, calls: this.#calls, restarts: this.#restarts, revisions: oracle.model.state.revision };
    return {
      seed: this.#seed,
      failure: oracle.failure,
      hash: this.#trace.hash,
      trace: this.#trace.lines,
      history: oracle.history.line(this.#seed),
      counts: { ...counts, operations: oracle.history.length, ...this.#watched, torn, lost, faults },
    };
  }

  async #step(): Promise<void> {
    const { weights } = this.#profile;
    const actions = Object.entries(weights).map(([name, weight]) => [weight, name] as const);
    const action = this.#random.weighted(actions) as keyof Weights;
    this.trace(action);
    this.#act(this.#nowOr(action));
    await this.#rest();
  }

  /** While there is no server, what makes one comes first: little else can happen. */
  #nowOr(action: keyof Weights): keyof Weights {
    const phase = this.#server?.phase;
    const isFree = phase === "up" || this.#random.chance(0.4);
    if (isFree || action === "time") return action;
    return phase === "down" || phase === "failed" ? "crash" : "disk";
  }

  /** What follows by itself has happened, and is looked at. */
  async #rest(): Promise<void> {
    await settled();
    this.oracle.checkLeases(this.#server?.phase === "up" && !this.isBroken);
  }

  #act(action: keyof Weights): void {
    const acts: Record<keyof Weights, () => unknown> = {
      request: () => this.#request(),
      watch: () => this.#watch(),
      deliver: () => this.#deliver(),
      read: () => this.#read(),
      disk: () => this.disk.step(),
      time: () => this.#time(),
      task: () => this.world.runTask(),
      disconnect: () => this.#random.pick(this.#clients).disconnect(true),
      crash: () => this.#crash(),
      stop: () => this.#server?.phase === "up" && this.#server.stop(),
      fault: () => this.disk.fail(this.#random.pick<Fault>(["write", "sync", "full"])),
    };
    acts[action]();
  }

  #request(): void {
    const client = this.#random.pick(this.#clients);
    if (!client.canSend || (this.#server?.phase !== "up" && this.#random.chance(0.8))) return;
    const request = this.#generator.request(client.needsToken);
    this.#calls++;
    const call = client.send(request);
    if (this.#random.chance(0.6)) this.#arrive(client, call);
  }

  #arrive(client: Client, call: ReturnType<Client["send"]>): void {
    const server = this.#server;
    if (server?.phase === "up" || server?.phase === "failed") call.arrive(server);
    // Nobody is there.
    else client.disconnect(false);
  }

  /** One thing that is on its way to the server or back arrives. */
  #deliver(): void {
    const moving = this.#clients.flatMap((client) =>
      client.calls.filter(({ state }) => state === "sent" || state === "answered").map((call) => ({ client, call })),
    );
    if (moving.length === 0) return;
    const { client, call } = this.#random.pick(moving);
    if (call.state === "sent") this.#arrive(client, call);
    else client.see(call);
  }

  #watch(): void {
    const server = this.#server;
    if (server?.phase !== "up") return;
    const client = this.#random.pick(this.#clients);
    client.watch(server);
    const kind = this.#random.integer(0, 9);
    if (kind < 6) client.addWatch(this.#generator.watch());
    else if (kind < 8) client.stream?.requestProgress();
    else if (client.views.length > 0) client.cancelWatch(this.#random.pick(client.views));
  }

  #read(): void {
    const readers = this.#clients.filter(
      ({ stream }) => stream !== undefined && (stream.hasInbox || !stream.isReading),
    );
    if (readers.length === 0) return;
    const client = this.#random.pick(readers);
    if (!client.receive()) client.stream?.read();
  }

  #time(): void {
    // What happens before it is open could not be followed.
    if (this.#server?.phase === "opening") return;
    const ms = this.#random.weighted([
      [6, this.#random.integer(1, 300)],
      [3, this.#random.integer(300, 4000)],
      [1, this.#random.integer(4000, 30_000)],
    ]);
    this.trace(`${ms} ms`);
    this.world.clock.advance(ms);
  }

  /** The process dies, and perhaps the machine; or it is started again. */
  #crash(): void {
    const phase = this.#server?.phase;
    if (phase === "down" || phase === undefined) {
      this.#open();
      return;
    }
    const kind = this.#random.pick(["power", "process"] as const);
    this.trace(kind);
    this.#server?.kill();
    this.disk.crash(kind);
    this.#lifeOver();
  }

  #open(): void {
    this.#server = new Server(this);
  }

  /** What was on its way to the clients may reach them yet. */
  #lifeOver(): void {
    this.oracle.unfollow();
    this.world.dropTasks();
    for (const client of this.#clients) {
      while (this.#random.chance(0.7) && client.receive());
      for (const call of client.calls) if (call.state === "answered" && this.#random.chance(0.5)) client.see(call);
      client.disconnect(false);
    }
  }

  async #start(): Promise<void> {
    this.#open();
    await this.#untilUp();
    if (this.#profile.hasAuth) await this.#addUsers();
  }

  async #untilUp(): Promise<void> {
    for (let at = 0; at < MAX_SETTLING_ROUNDS && this.#server?.phase !== "up"; at++) {
      if (this.#server === undefined || this.#server.phase === "down") this.#open();
      if (this.#server?.phase === "failed" || this.isBroken) this.#crash();
      this.disk.step();
      this.world.runTask();
      await settled();
    }
  }

  /** Not part of what is tried out: they are there when it begins. */
  async #addUsers(): Promise<void> {
    const calls = [
      ["userAdd", { name: ROOT, password: ROOT }],
      ["userAdd", { name: USER, password: USER }],
      ["roleAdd", { name: ROLE }],
      ["userGrantRole", { user: ROOT, role: ROOT }],
      ["userGrantRole", { user: USER, role: ROLE }],
    ] as const;
    for (const [method, init] of calls) {
      const message = create(Auth.method[method].input, init);
      const reply = this.#server?.call(
        { service: Auth, method, message },
        new SimulatedContext(Auth, method, undefined),
      );
      let isDone = false;
      void Promise.resolve(reply).then(() => {
        isDone = true;
      });
      for (let at = 0; at < MAX_SETTLING_ROUNDS && !isDone; at++) {
        await settled();
        this.disk.step();
      }
    }
    const { model } = this.oracle;
    const { state } = model;
    model.advance({ ...state, auth: { ...state.auth, revision: state.auth.revision + calls.length } });
    model.acknowledge(model.step);
  }

  /** Trouble is over: everything comes to rest, then nothing may be missing, then or after one more crash. */
  async #end(): Promise<void> {
    this.disk.fail(undefined);
    if (this.#server?.phase === "failed" || this.isBroken) this.#crash();
    await this.#quiet();
    for (const client of this.#clients) {
      for (const { request, state } of client.calls) {
        if (state !== "over" && request.kind !== "lock") this.fail(`no answer came to ${request.kind}`);
      }
      for (const call of client.calls) if (call.isForgottenWaiter) this.fail("a lock's owner waits for it still");
      for (const view of client.views) this.#checkComplete(view);
    }
    if (this.oracle.failure !== undefined) return;
    this.oracle.model.acknowledge(this.oracle.model.step);
    this.#crash();
    await this.#untilUp();
    if (this.#server?.phase !== "up") this.fail("it does not open again");
  }

  #checkComplete(view: Client["views"][number]): void {
    const { revision } = this.oracle.model.state;
    if (view.next === undefined) this.fail("a watch was never created");
    const missing = view.expected(view.next ?? revision + 1, revision);
    if (missing.length > 0)
      this.fail(`a watch was never told of ${missing.map(({ pair }) => `${pair.key}@${pair.mod}`)}`);
  }

  /** Until nothing happens any more, with every client connected. */
  async #quiet(): Promise<void> {
    for (let round = 0; round < MAX_SETTLING_ROUNDS; round++) {
      if (this.oracle.failure !== undefined) return;
      await this.#untilUp();
      const server = this.#server as Server;
      let moved = this.disk.step() || this.world.runTask();
      await this.#rest();
      for (const client of this.#clients) {
        if (client.views.length > 0) client.watch(server);
        for (const call of client.calls) {
          if (call.state === "sent") this.#arrive(client, call);
          else if (call.state === "answered") client.see(call);
          else continue;
          moved = true;
          // One thing at a time: the model has done with a call before the next one comes.
          await this.#rest();
        }
        while (client.receive()) moved = true;
        const { stream } = client;
        if (stream !== undefined && !stream.isReading && !stream.isOver) {
          stream.read();
          moved = true;
        }
      }
      await this.#rest();
      const isBusy = this.disk.isBusy || this.world.hasTasks;
      if (!moved && !isBusy && !this.#clients.some(({ stream }) => stream?.hasInbox === true)) return;
    }
    this.fail("it does not come to rest");
  }
}
