/**
 * Who calls a store, and what happens to calls that are refused for want of a sign-in: the page asks for one, and
 * what was under way goes on with it.
 *
 *     call ──▶ refused ──▶ the token is only old ──▶ another one, the call again
 *                      └─▶ `asking` ──▶ signed in ──▶ the call again
 *                                   └─▶ dismissed ──▶ the call fails; a stream waits on
 *
 * What the page does by itself does not wait; it is done again anyway.
 */
import { ConnectError, type Interceptor, type StreamRequest, type UnaryRequest } from "@connectrpc/connect";
import { Cell } from "../ui/cell.ts";
import { isAboutCaller, isOldToken, wantsSignIn, watchRefusal } from "./refusal.ts";
import { isBackground } from "./requestlog.ts";
import { type SignedIn, setSignedIn, signedIn } from "./tokens.ts";

type Request = UnaryRequest | StreamRequest;

export class Session {
  /** Undefined while nobody is signed in. */
  readonly user: Cell<string | undefined>;
  /** Why somebody has to sign in; undefined while nobody has to. */
  readonly refusal = new Cell<ConnectError | undefined>(undefined);
  /** Whether the user is being asked to. */
  readonly asking = new Cell(false);
  /** Goes up when somebody else, or nobody, takes a user's place: nothing of what was read is for them. */
  readonly epoch = new Cell(0);
  readonly #endpoint: string;
  readonly #unsubscribe: () => void;
  #held: SignedIn | undefined;
  #isDismissed = false;
  #renewing: Promise<boolean> | undefined;
  /** A sign-in under way. */
  #pending: Promise<unknown> | undefined;
  /** Calls that wait: told whether they may go on. */
  #waiting = new Set<(isDismissed: boolean) => void>();

  /** @param endpoint as store/endpoint.ts writes it */
  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#held = signedIn.value.get(endpoint);
    this.user = new Cell(this.#held?.user);
    this.#unsubscribe = signedIn.subscribe(() => this.#changed());
  }

  close(): void {
    this.#unsubscribe();
    this.#settle(true);
  }

  accept(who: SignedIn): void {
    setSignedIn(this.#endpoint, who);
  }

  /** Drops the token. What is refused from now on is no reason to ask: the user wanted it so. */
  leave(): void {
    this.#isDismissed = true;
    setSignedIn(this.#endpoint, undefined);
    this.refusal.set(undefined);
  }

  /** Nobody is to be asked while this goes on, which signs somebody in. */
  async signingIn<T>(work: Promise<T>): Promise<T> {
    this.#pending = work;
    try {
      return await work;
    } finally {
      this.#pending = undefined;
    }
  }

  ask(): void {
    this.#isDismissed = false;
    this.asking.set(true);
  }

  /** The user would not sign in. */
  dismiss(): void {
    this.asking.set(false);
    this.#isDismissed = true;
    this.#settle(true);
  }

  readonly interceptor: Interceptor = (next) => async (request) => {
    if (request.stream) {
      // To be sent again; a page's streams send what they have to say and end.
      const sent: unknown[] = [];
      for await (const message of request.message) sent.push(message);
      const open = (): ReturnType<typeof next> =>
        next({ ...request, ...this.#authorized(request), message: each(sent) } as StreamRequest);
      const reply = await this.#until(request, sent[0], open);
      return { ...reply, message: this.#messages(request, sent[0], reply, open) } as typeof reply;
    }
    return this.#until(request, request.message, () =>
      next({ ...request, ...this.#authorized(request) } as UnaryRequest),
    );
  };

  #authorized({ header, method }: Request): { readonly header: Headers } {
    const own = new Headers(header);
    // etcd refuses even a sign-in that comes with a token that is no longer valid.
    if (this.#held !== undefined && method.name !== "Authenticate") own.set("authorization", this.#held.token);
    return { header: own };
  }

  async #until<T>(request: Request, message: unknown, call: () => Promise<T>): Promise<T> {
    for (;;) {
      const used = this.#held;
      try {
        return await call();
      } catch (error) {
        if (!(await this.#mayGoOn(ConnectError.from(error), used, request, message))) throw error;
      }
    }
  }

  /** A stream's messages; one that is refused by its first, or before it, is opened again. */
  async *#messages(
    request: StreamRequest,
    sent: unknown,
    first: Awaited<ReturnType<Parameters<Interceptor>[0]>>,
    open: () => Promise<typeof first>,
  ): AsyncGenerator<unknown> {
    for (let reply = first; ; reply = await this.#until(request, sent, open)) {
      const used = this.#held;
      let isBegun = false;
      try {
        for await (const message of reply.message as AsyncIterable<Parameters<typeof watchRefusal>[1]>) {
          const refusal = isBegun ? undefined : watchRefusal(request.method, message);
          if (refusal !== undefined) throw refusal;
          isBegun = true;
          yield message;
        }
        return;
      } catch (error) {
        if (isBegun || !(await this.#mayGoOn(ConnectError.from(error), used, request, sent))) throw error;
      }
    }
  }

  /** @param used what the refused call was made with */
  async #mayGoOn(
    error: ConnectError,
    used: SignedIn | undefined,
    request: Request,
    message: unknown,
  ): Promise<boolean> {
    if (!wantsSignIn(error) || !isAboutCaller(request.method, message)) return false;
    await this.#pending?.catch(() => undefined);
    // Somebody has signed in since the call was made.
    if (this.#held !== undefined && this.#held !== used) return true;
    if (isOldToken(error) && this.#held !== undefined && (await this.#renew(this.#held))) return true;
    this.refusal.set(error);
    if (!this.#isDismissed) this.asking.set(true);
    if (request.stream) return this.#wait(request.signal, true);
    return isBackground(request) || this.#isDismissed ? false : this.#wait(request.signal, false);
  }

  #renew(held: SignedIn): Promise<boolean> {
    this.#renewing ??= held
      .renew()
      .then(
        (token) => {
          if (this.#held === held) this.accept({ ...held, token });
          return true;
        },
        () => false,
      )
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  /** @param isPatient whether it outlasts a user who would not sign in */
  #wait(signal: AbortSignal, isPatient: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const tell = (isDismissed: boolean): void => {
        if (isDismissed && isPatient && !signal.aborted) return;
        signal.removeEventListener("abort", giveUp);
        this.#waiting.delete(tell);
        resolve(!isDismissed);
      };
      const giveUp = (): void => tell(true);
      signal.addEventListener("abort", giveUp);
      this.#waiting.add(tell);
    });
  }

  #settle(isDismissed: boolean): void {
    for (const tell of [...this.#waiting]) tell(isDismissed);
  }

  #changed(): void {
    const now = signedIn.value.get(this.#endpoint);
    const before = this.#held;
    if (now === before) return;
    this.#held = now;
    this.user.set(now?.user);
    if (before !== undefined && before.user !== now?.user) this.epoch.update((epoch) => epoch + 1);
    if (now === undefined) return;
    this.refusal.set(undefined);
    this.#isDismissed = false;
    this.asking.set(false);
    this.#settle(false);
  }
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
