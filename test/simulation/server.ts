/**
 * The etcd under test, from one start to the next crash or stop: the driver on the simulated disk, and its services
 * called as the transports call them.
 */
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { type OpenedEtcd, openEtcd } from "../../src/driver/index.ts";
import { EtcdError, Status } from "../../src/errors.ts";
import type { Journal } from "../../src/journal/index.ts";
import { type Passwords, type ServiceBinding, SimpleTokens } from "../../src/rpc/index.ts";
import type { Clock, EtcdOptions } from "../../src/server/index.ts";
import type { SimulatedDisk } from "./disk.ts";
import type { Call } from "./messages.ts";
import type { World } from "./world.ts";

/** What a mutation may put between the etcd and the world. */
export interface Wrappers {
  readonly journal?: (journal: Journal) => Journal;
  readonly clock?: (clock: Clock) => Clock;
  readonly bindings?: (bindings: readonly ServiceBinding[]) => readonly ServiceBinding[];
}

export type Phase = "opening" | "up" | "failed" | "closing" | "down";

export interface ServerHost {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly options: Partial<EtcdOptions>;
  readonly wrappers: Wrappers;
  /** It has opened; nothing was asked of it yet. */
  opened(server: Server): void;
  /** It has ended by itself, by a stop or because it could not open. */
  ended(server: Server): void;
}

type Method = (request: unknown, context: HandlerContext) => unknown;

/** Why calls of a client end that is gone. */
export const GONE = new EtcdError(Status.CANCELLED, "context canceled");
const NEVER_ENDING_MS = 1e15;

/** Passwords are their own hashes: what bcrypt does is not under test, and takes time. */
const PLAIN_PASSWORDS: Passwords = {
  hash: async (password, salt) => hashOf(password, salt),
  matches: async (password, hash) => hash === hashOf(password, hash.slice(0, 29)),
};

/** Of the form of a bcrypt hash. */
function hashOf(password: string, salt: string): string {
  return salt + password.padEnd(31, ".");
}

export class Server {
  readonly #host: ServerHost;
  readonly #clock: LifeClock;
  /** Why it could not open. */
  failure: unknown;
  #phase: Phase = "opening";
  #kept: OpenedEtcd | undefined;
  #methods = new Map<string, Method>();

  constructor(host: ServerHost) {
    this.#host = host;
    this.#clock = new LifeClock(host.world.clock, host.world.random.integer(0, 1_000_000));
    void this.#open();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get etcd(): OpenedEtcd["etcd"] {
    if (this.#kept === undefined) throw new Error("the server is not open");
    return this.#kept.etcd;
  }

  /** What a call gives: a message, a promise of one, or messages. @throws what the method throws */
  call({ service, method, message }: Call, context: HandlerContext): unknown {
    return this.#method(service, method)(message, context);
  }

  /** As `call`, for a method that takes a stream. */
  stream(service: DescService, method: string, messages: AsyncIterable<unknown>, context: HandlerContext) {
    return this.#method(service, method)(messages, context) as AsyncIterable<unknown>;
  }

  /** Stops as the process does that is asked to. */
  stop(): void {
    this.#phase = "closing";
    const end = (): void => this.#ended();
    this.#kept?.close().then(end, end);
  }

  /** Its process is dead. */
  kill(): void {
    this.#phase = "down";
    this.#clock.stop();
  }

  async #open(): Promise<void> {
    const { disk, options, wrappers } = this.#host;
    const journal = disk.open();
    try {
      const kept = await openEtcd({
        options: { ...options, clock: wrappers.clock?.(this.#clock) ?? this.#clock },
        journal: wrappers.journal?.(journal) ?? journal,
        services: {
          bcryptCost: 4,
          passwords: PLAIN_PASSWORDS,
          tokens: new SimpleTokens({ nowMs: () => this.#clock.now(), ttlMs: NEVER_ENDING_MS }),
        },
        onFailure: () => {
          if (this.#phase !== "down") this.#phase = "failed";
        },
      });
      if (this.#phase === "down") return;
      this.#kept = kept;
      this.#methods = methodsOf(wrappers.bindings?.(kept.bindings) ?? kept.bindings);
      this.#phase = "up";
      this.#host.opened(this);
    } catch (error) {
      if (this.#phase === "down") return;
      this.failure = error;
      this.#ended();
    }
  }

  #ended(): void {
    if (this.#phase === "down") return;
    this.kill();
    this.#host.ended(this);
  }

  #method(service: DescService, name: string): Method {
    const method = this.#methods.get(`${service.typeName}/${name}`);
    if (method === undefined) throw new Error(`${service.typeName} has no ${name}`);
    return method;
  }
}

function methodsOf(bindings: readonly ServiceBinding[]): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (const { service, impl } of bindings) {
    for (const [name, method] of Object.entries(impl))
      methods.set(`${service.typeName}/${name}`, method as unknown as Method);
  }
  return methods;
}

/** The clock of one process: it counts from anywhere, and its timers end with the process. */
class LifeClock implements Clock {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  readonly #cancels = new Set<() => void>();

  constructor(clock: Clock, offsetMs: number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  now(): number {
    return this.#clock.now() - this.#offsetMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#cancels.delete(cancel);
      callback();
    });
    const cancel = (): void => {
      this.#cancels.delete(cancel);
      cancelTimer();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }
}

/** A method's context, as lean as that of src/platform/node/grpc. */
export class SimulatedContext implements HandlerContext {
  readonly service: DescService;
  readonly method: DescMethod;
  readonly protocolName = "grpc";
  readonly requestMethod = "POST";
  readonly url: string;
  readonly #controller = new AbortController();
  readonly #token: string | undefined;
  #requestHeader: Headers | undefined;
  readonly responseHeader: Headers = NO_HEADERS;
  readonly responseTrailer: Headers = NO_HEADERS;
  readonly values: ContextValues = createContextValues();

  constructor(service: DescService, method: string, token: string | undefined) {
    this.service = service;
    this.method = service.method[method] as DescMethod;
    this.url = `http://simulated/${service.typeName}/${this.method.name}`;
    this.#token = token;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= new Headers(this.#token === undefined ? {} : { token: this.#token });
    return this.#requestHeader;
  }

  timeoutMs(): undefined {
    return undefined;
  }

  header(name: string): string | undefined {
    return name === "token" ? this.#token : undefined;
  }

  abort(): void {
    this.#controller.abort(GONE);
  }
}

const NO_HEADERS = new Headers();
