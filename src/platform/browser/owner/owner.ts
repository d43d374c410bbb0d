import type { Port } from "../bridge/messages.ts";
import { BridgeServer, type Route } from "../bridge/server.ts";
import type { BucketRows } from "../file/export.ts";
import type { EtcdSettings, OwnerInfo } from "../names.ts";
import { Content } from "./content.ts";
import { partsOf } from "./rows.ts";
import { transferRoutes } from "./transfer.ts";

export interface OwnerOptions {
  readonly worker: string;
  /** The store's; undefined for one that is not to be kept. */
  readonly name: string | undefined;
  readonly etcd: EtcdSettings;
  /** The last owner that was heard of. */
  readonly previous: OwnerInfo | undefined;
  /** Of the store as a whole, beside those of where it is kept. */
  readonly notice?: string;
  /** Called with every change of what there is to know. */
  readonly announce: (info: OwnerInfo) => void;
}

/** How long a farewell waits for answers that are under way. */
const LEAVE_MS = 500;

/** The store while it is this worker's: its content, and the ports it is served on. */
export class Owner {
  readonly #options: OwnerOptions;
  readonly #servers = new Set<BridgeServer>();
  readonly #transfer: ReadonlyMap<string, Route>;
  #content: Content | undefined;
  #info: OwnerInfo | undefined;
  /** Settles when there is content again. */
  #opening: Promise<void>;

  private constructor(options: OwnerOptions) {
    this.#options = options;
    this.#opening = this.#open(undefined);
    this.#transfer = transferRoutes({
      etcd: async () => {
        await this.#opening;
        return (this.#content as Content).etcd;
      },
      replace: (parts, reason) => this.#replace(parts, reason),
    });
  }

  static async open(options: OwnerOptions): Promise<Owner> {
    const owner = new Owner(options);
    await owner.#opening;
    return owner;
  }

  get info(): OwnerInfo {
    return this.#info as OwnerInfo;
  }

  /** Serves what comes over a port; the function returned ends that. */
  serve(port: Port): () => void {
    const server = new BridgeServer((path) => this.#route(path), port);
    this.#servers.add(server);
    return () => {
      this.#servers.delete(server);
      server.close();
    };
  }

  /** Answers what is under way; streams are left to the next owner, for clients to be told of it by a farewell. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.leave(LEAVE_MS)));
    this.#servers.clear();
    await this.#opening;
    await this.#content?.close("the store has been handed over");
  }

  /** While the content is replaced, requests wait. */
  #route(path: string): Route | undefined {
    const transfer = this.#transfer.get(path);
    if (transfer !== undefined) return transfer;
    if (this.#content !== undefined) return this.#content.route(path);
    return {
      handler: async (request) => {
        await this.#opening;
        return (await this.#route(path)?.handler(request)) ?? { status: 404 };
      },
    };
  }

  /** Others' changes stop, and streams end; where it fails, everything is as before. One at a time. */
  async #replace(parts: readonly BucketRows[], reason: string): Promise<void> {
    const replaced = this.#opening.then(() => this.#replaceNow(parts, reason));
    // What comes waits for its end, whatever that is.
    this.#opening = replaced.catch(() => {});
    await replaced;
  }

  async #replaceNow(parts: readonly BucketRows[], reason: string): Promise<void> {
    const previous = this.#content as Content;
    const before = this.info;
    this.#content = undefined;
    await previous.close(reason);
    try {
      await this.#open(parts);
    } catch (error) {
      if (before.persistence === "memory") await this.#reopenInMemory(previous, before);
      else await this.#open(undefined);
      throw error;
    } finally {
      this.#options.announce(this.info);
    }
  }

  /** What was in memory only is nowhere else. */
  async #reopenInMemory(previous: Content, { notice }: OwnerInfo): Promise<void> {
    await this.#open([...partsOf(previous.etcd)], false);
    this.#info = { ...this.info, notice };
  }

  async #open(replacement: readonly BucketRows[] | undefined, isKept = true): Promise<void> {
    const { name, etcd, previous, worker } = this.#options;
    let isOpen = false;
    let degraded: Pick<OwnerInfo, "persistence" | "notice"> | undefined;
    const content = await Content.open({
      name: isKept ? name : undefined,
      ...{ etcd, replacement },
      previous: this.#info ?? previous,
      onDegraded: (notice) => {
        degraded = { persistence: "memory", notice };
        if (!isOpen) return;
        this.#info = { ...this.info, ...degraded };
        this.#options.announce(this.info);
      },
    });
    const { about, persistence, notice = this.#options.notice } = content.storage;
    this.#info = { owner: worker, ...about, persistence, notice, ...degraded };
    this.#content = content;
    isOpen = true;
  }
}
