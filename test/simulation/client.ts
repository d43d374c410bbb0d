/** A client: its connection, the calls that are under way on it, and its watches, which outlast it. */
import { type CallHost, ClientCall } from "./call.ts";
import type { Model } from "./model/model.ts";
import type { Request } from "./request.ts";
import type { Server } from "./server.ts";
import { ClientStream, type StreamHost } from "./stream.ts";
import { type WatchSpec, WatchView } from "./watch.ts";

const MAX_CALLS = 4;
const MAX_WATCHES = 4;

export class Client {
  readonly #id: number;
  readonly #host: CallHost & StreamHost;
  readonly #model: Model;
  readonly #counts: WatchView["counts"];
  #calls: ClientCall[] = [];
  #views: WatchView[] = [];
  #stream: ClientStream | undefined;
  #token: string | undefined;
  /** Whether it was last told that it is nobody. */
  needsToken = false;

  constructor(id: number, host: CallHost & StreamHost, model: Model, counts: WatchView["counts"]) {
    this.#id = id;
    this.#host = host;
    this.#model = model;
    this.#counts = counts;
  }

  get canSend(): boolean {
    return this.#calls.length < MAX_CALLS;
  }

  get calls(): readonly ClientCall[] {
    return this.#calls;
  }

  get views(): readonly WatchView[] {
    return this.#views;
  }

  get stream(): ClientStream | undefined {
    return this.#stream;
  }

  send(request: Request): ClientCall {
    const call = new ClientCall(this.#id, request, this.#token, this.#host);
    this.#calls.push(call);
    return call;
  }

  /** Sees an answer. */
  see(call: ClientCall): void {
    call.see();
    this.#token = call.givenToken ?? this.#token;
    this.needsToken = call.isTokenRefused;
    this.#forget();
  }

  /** Opens a stream where there is none that goes on, with all the watches that it wants. */
  watch(server: Server): void {
    if (this.#stream?.isOver === false) return;
    this.#stream?.close();
    this.#stream = new ClientStream(server, this.#token, this.#host);
    for (const view of this.#views) this.#stream.create(view);
  }

  addWatch(spec: WatchSpec): void {
    if (this.#views.length >= MAX_WATCHES || this.#stream === undefined) return;
    const view = new WatchView(spec, this.#model, this.#counts, (what) => this.#host.fail(what));
    this.#views.push(view);
    this.#stream.create(view);
  }

  cancelWatch(view: WatchView): void {
    this.#stream?.cancel(view);
    this.#forget();
  }

  /** Sees what its stream has brought; false where there is nothing. */
  receive(): boolean {
    const { stream } = this;
    if (stream === undefined || !stream.receive()) return false;
    this.#forget();
    for (const view of stream.takeLost()) stream.create(view);
    return true;
  }

  /** Its connection is gone. */
  disconnect(tellServer: boolean): void {
    for (const call of this.#calls) call.lose(tellServer);
    this.#calls = [];
    this.#stream?.close(tellServer);
    this.#stream = undefined;
  }

  #forget(): void {
    this.#calls = this.#calls.filter(({ state }) => state !== "over");
    this.#views = this.#views.filter(({ isOver }) => !isOver);
  }
}
