/**
 * The servers a run needs: etcdlite or the real etcd as children, or the one endpoint the user named.
 * What is started here is ended here, also when the run is interrupted.
 */
import { findEtcd, startEtcd } from "../../support/etcd.ts";
import { startEtcdlite } from "../../support/etcdlite.ts";
import type { Server, Subject } from "./suite.ts";
import { NotApplicable } from "./suite.ts";

export class Servers {
  readonly subject: Subject;
  private readonly endpoint: string | undefined;
  /** Looked for once: it means running programs, and this process has streams to serve meanwhile. */
  private readonly etcd = findEtcd();
  private readonly running = new Set<Server>();

  constructor(subject: Subject, endpoint: string | undefined) {
    this.subject = subject;
    this.endpoint = endpoint;
  }

  /** The server a suite shares among its cases: a new one, or the user's. */
  async forSuite(): Promise<Server> {
    if (this.endpoint !== undefined) return { url: this.endpoint, stop: async () => {} };
    return await this.fresh([]);
  }

  /** A new, empty server of the kind under test. */
  async fresh(flags: readonly string[]): Promise<Server> {
    if (this.subject === "endpoint") {
      throw new NotApplicable("needs a fresh server of its own; run without --endpoint");
    }
    const binary = this.etcd;
    return this.track(this.subject === "etcd" ? await startEtcd({ binary, flags }) : await startEtcdlite(flags));
  }

  /** A new real etcd to compare with, if one is found. */
  async reference(): Promise<Server | undefined> {
    return this.etcd === undefined ? undefined : this.track(await startEtcd({ binary: this.etcd }));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((server) => server.stop()));
  }

  private track(server: Server): Server {
    const tracked: Server = {
      url: server.url,
      stop: async () => {
        this.running.delete(tracked);
        await server.stop();
      },
    };
    this.running.add(tracked);
    return tracked;
  }
}
