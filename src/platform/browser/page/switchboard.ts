import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest, UniversalClientResponse } from "@connectrpc/connect/protocol";
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

/**
 * Requests to whoever owns the store now. They wait while nobody does; those under way when an owner goes fail.
 *
 *     no link ── an owner is announced ──► connecting ──► link ── it is gone, or another is announced ──► no link
 */
export class Switchboard {
  readonly fetch: UniversalClientFn = (request) => this.#fetch(request);
  readonly #channel: BroadcastChannel | undefined;
  readonly #changed: () => void;
  readonly #waiting = new Set<(link: Link) => void>();
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

  /** The link there is, or the next one. */
  async linked(signal?: AbortSignal): Promise<Link> {
    if (this.#link !== undefined) return this.#link;
    if (this.#closed) throw closedError();
    return await new Promise<Link>((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        this.#waiting.delete(linked);
        finish();
      };
      const linked = (link: Link): void => settle(() => resolve(link));
      const aborted = (): void => settle(() => reject(ConnectError.from(signal?.reason, Code.Canceled)));
      const timer = setTimeout(() => settle(() => reject(noOwnerError())), MAX_ELECTION_MS);
      this.#waiting.add(linked);
      signal?.addEventListener("abort", aborted);
      if (signal?.aborted === true) aborted();
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#channel?.close();
  }

  async call(request: WholeRequest, signal: AbortSignal | undefined): Promise<WholeResponse> {
    const link = this.#link ?? (await this.linked(signal));
    return await link.call(request, signal);
  }

  async #fetch(request: UniversalClientRequest): Promise<UniversalClientResponse> {
    const link = this.#link ?? (await this.linked(request.signal));
    const response = await link.fetch(request);
    if (this.#info !== undefined) response.header.set(HISTORY_HEADER, this.#info.history);
    return response;
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
    for (const linked of [...this.#waiting]) linked(link);
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
