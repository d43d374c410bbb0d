import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest, UniversalClientResponse } from "@connectrpc/connect/protocol";
import { isNotAccepted } from "../bridge/client.ts";
import type { WholeRequest, WholeResponse } from "../bridge/messages.ts";
import { type Announcement, type OwnerInfo, storeChannel } from "../names.ts";
import { guestLink, type Link, ownLink } from "./link.ts";

/** Response header: the history that the store's revisions are of. */
export const HISTORY_HEADER = "etcdlite-history";

/** How long a request waits for an owner where its own deadline is not sooner. */
const MAX_ELECTION_MS = 5000;

export interface OwnWorker {
  readonly worker: string;
  readonly port: MessagePort;
}

/** A request that waits for an owner. */
interface Waiting {
  linked(link: Link): void;
  failed(error: ConnectError): void;
}

/**
 * Requests to whoever owns the store now. They wait while nobody does; those under way when an owner goes fail.
 *
 *     no link ── an owner is announced ──► connecting ──► link ── it is gone, or another is announced ──► no link
 */
export class Switchboard {
  readonly fetch: UniversalClientFn = (request) => this.#fetch(request);
  readonly #channel: BroadcastChannel | undefined;
  readonly #changed: () => void;
  readonly #waiting = new Set<Waiting>();
  #own: OwnWorker | undefined;
  #info: OwnerInfo | undefined;
  #last: OwnerInfo | undefined;
  #connecting: AbortController | undefined;
  #link: Link | undefined;
  #closed = false;

  /**
   * @param name the store's, undefined for a store that is not shared
   * @param changed called after every change of `info`
   */
  constructor(name: string | undefined, changed: () => void) {
    this.#changed = changed;
    this.#channel = name === undefined ? undefined : new BroadcastChannel(storeChannel(name));
    this.#channel?.addEventListener("message", ({ data }) => this.#hear(data as Announcement));
    this.#announce({ type: "who" });
  }

  /** Who answers now; undefined while nobody does. */
  get info(): OwnerInfo | undefined {
    return this.#link === undefined ? undefined : this.#info;
  }

  /** The last that was heard of, be it that it is gone. */
  get last(): OwnerInfo | undefined {
    return this.#last;
  }

  /** This page's worker, which may be announced as the owner. */
  set own(own: OwnWorker) {
    this.#own = own;
    const info = this.#info;
    if (info?.owner !== own.worker) return;
    // It was heard of by the other tabs' way first.
    this.#drop();
    this.owner(info);
  }

  owner(info: OwnerInfo): void {
    if (this.#closed) return;
    const isKnown = this.#info?.owner === info.owner;
    if (!isKnown) this.#drop();
    this.#info = info;
    this.#last = info;
    if (isKnown) {
      this.#changed();
      return;
    }
    if (info.owner === this.#own?.worker) this.#use(ownLink(this.#own.port));
    else void this.#connect(info);
  }

  /** The owner has gone. */
  gone(owner: string): void {
    if (this.#info?.owner !== owner) return;
    this.#drop();
    this.#changed();
    this.#announce({ type: "who" });
  }

  /**
   * The link there is, or the next one.
   * @param maxMs how long it may take, 0 for as long as it does
   */
  async linked(signal?: AbortSignal, maxMs = MAX_ELECTION_MS): Promise<Link> {
    if (this.#link !== undefined) return this.#link;
    if (this.#closed) throw closedError();
    return await new Promise<Link>((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        this.#waiting.delete(waiting);
        finish();
      };
      const waiting: Waiting = {
        linked: (link) => settle(() => resolve(link)),
        failed: (error) => settle(() => reject(error)),
      };
      const aborted = (): void => waiting.failed(ConnectError.from(signal?.reason, Code.Canceled));
      const timer = maxMs > 0 ? setTimeout(() => waiting.failed(noOwnerError()), maxMs) : undefined;
      this.#waiting.add(waiting);
      signal?.addEventListener("abort", aborted);
      if (signal?.aborted === true) aborted();
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    for (const waiting of [...this.#waiting]) waiting.failed(closedError());
    this.#channel?.close();
  }

  call(request: WholeRequest, signal: AbortSignal | undefined): Promise<WholeResponse> {
    return this.#onLink(signal, (link) => link.call(request, signal));
  }

  async #fetch(request: UniversalClientRequest): Promise<UniversalClientResponse> {
    const response = await this.#onLink(request.signal, (link) => link.fetch(request));
    if (this.#info !== undefined) response.header.set(HISTORY_HEADER, this.#info.history);
    return response;
  }

  async #onLink<T>(signal: AbortSignal | undefined, run: (link: Link) => Promise<T>): Promise<T> {
    for (;;) {
      const link = this.#link ?? (await this.linked(signal));
      try {
        return await run(link);
      } catch (error) {
        if (!isNotAccepted(error)) throw error;
      }
      // Its owner has taken its leave: the next one is to have the request.
      if (this.#link === link && this.#info !== undefined) this.gone(this.#info.owner);
    }
  }

  #hear(message: Announcement): void {
    if (message.type === "owner") this.owner(message.info);
    else if (message.type === "bye") this.gone(message.owner);
  }

  async #connect(info: OwnerInfo): Promise<void> {
    const connecting = new AbortController();
    this.#connecting = connecting;
    const gone = (): void => this.gone(info.owner);
    const link = await guestLink(info, (message) => this.#announce(message), { signal: connecting.signal, gone });
    if (link !== undefined) this.#use(link);
  }

  #use(link: Link): void {
    this.#link = link;
    for (const waiting of [...this.#waiting]) waiting.linked(link);
    this.#changed();
  }

  #drop(): void {
    this.#connecting?.abort();
    this.#link?.close();
    this.#link = undefined;
    this.#info = undefined;
  }

  #announce(message: Announcement): void {
    if (!this.#closed) this.#channel?.postMessage(message);
  }
}

function noOwnerError(): ConnectError {
  return new ConnectError(`no tab has taken the store over within ${MAX_ELECTION_MS} ms`, Code.Unavailable);
}

function closedError(): ConnectError {
  return new ConnectError("the store is closed", Code.Unavailable);
}
