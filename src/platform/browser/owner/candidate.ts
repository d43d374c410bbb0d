/**
 * A tab's worker, which owns the store or waits to:
 *
 *     alive ──► waiting for the owner's lock ──► owner ──► closed
 *               (another tab has the store)      opens the journal, serves this tab and the others
 */
import { holdAlive } from "../alive.ts";
import {
  type Announcement,
  type EtcdSettings,
  type FromWorker,
  type OwnerInfo,
  ownerLock,
  randomName,
  storeChannel,
} from "../names.ts";
import { Guests } from "./guests.ts";
import { Owner } from "./owner.ts";

export interface CandidateOptions {
  readonly name: string;
  /** Without it the store is this page's alone, and in memory. */
  readonly persist: boolean;
  readonly etcd: EtcdSettings;
  /** The page's own way to the store. */
  readonly port: MessagePort;
  readonly tell: (message: FromWorker) => void;
}

const NO_SHARING =
  "the store is in memory and for this page only: Web Locks need a secure context (https or localhost), and this page is none";

export class Candidate {
  readonly #options: CandidateOptions;
  readonly #name = randomName();
  readonly #channel: BroadcastChannel | undefined;
  readonly #closing = new AbortController();
  #previous: OwnerInfo | undefined;
  #owner: Owner | undefined;
  #guests: Guests | undefined;
  #release: (() => void) | undefined;

  constructor(options: CandidateOptions) {
    this.#options = options;
    const shared = options.persist && canShare();
    this.#channel = shared ? new BroadcastChannel(storeChannel(options.name)) : undefined;
    this.#channel?.addEventListener("message", ({ data }) => this.#hear(data as Announcement));
  }

  /** From now on it is noticed when the worker ends. */
  async live(): Promise<void> {
    if (canShare()) await holdAlive(this.#name);
    this.#options.tell({ type: "alive", worker: this.#name });
  }

  /** @param previous the last owner that the page has heard of; the worker may not have been there to hear */
  async run(previous: OwnerInfo | undefined): Promise<void> {
    const { name, persist } = this.#options;
    this.#previous ??= previous;
    if (this.#channel === undefined) {
      await this.#own(persist ? NO_SHARING : undefined);
      return;
    }
    try {
      await navigator.locks.request(ownerLock(name), { signal: this.#closing.signal }, () => this.#ownUntilClosed());
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    }
  }

  /** Hands the store over, if it is this worker's. */
  async close(): Promise<void> {
    this.#closing.abort();
    const owner = this.#owner;
    // From now on nobody is to be told of it.
    this.#owner = undefined;
    try {
      await owner?.close();
    } finally {
      this.#guests?.close();
      if (owner !== undefined) this.#announce({ type: "bye", owner: this.#name });
      this.#release?.();
      this.#channel?.close();
    }
  }

  async #ownUntilClosed(): Promise<void> {
    await this.#own(undefined);
    if (this.#closing.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#release = resolve;
    });
  }

  async #own(notice: string | undefined): Promise<void> {
    const { name, etcd, port } = this.#options;
    const owner = await Owner.open({
      ...{ worker: this.#name, etcd, notice },
      name: this.#channel === undefined ? undefined : name,
      previous: this.#previous,
      announce: (info) => this.#tellAll(info),
    });
    if (this.#closing.signal.aborted) {
      await owner.close();
      return;
    }
    this.#owner = owner;
    this.#guests = new Guests(owner);
    owner.serve(port);
    port.start();
    this.#tellAll(owner.info);
  }

  #tellAll(info: OwnerInfo): void {
    this.#options.tell({ type: "owner", info });
    this.#announce({ type: "owner", info });
  }

  #hear(message: Announcement): void {
    if (message.type === "owner") this.#previous = message.info;
    if (this.#owner === undefined) return;
    if (message.type === "who") this.#announce({ type: "owner", info: this.#owner.info });
    if (message.type === "connect" && message.owner === this.#name) this.#guests?.welcome(message.guest);
  }

  #announce(message: Announcement): void {
    this.#channel?.postMessage(message);
  }
}

function canShare(): boolean {
  return "locks" in navigator && typeof BroadcastChannel !== "undefined";
}
