/**
 * The servers a run needs: etcdlite or the real etcd as children, or the one endpoint the user named.
 * What is started here is ended here, also when the run is interrupted.
 */
import { findEtcd, freePorts, startEtcd } from "../../support/etcd.ts";
import { startEtcdlite } from "../../support/etcdlite.ts";
import type { SecureServer, Server, Subject } from "./suite.ts";
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
    this.refuseForEndpoint();
    const binary = this.etcd;
    return this.track(this.subject === "etcd" ? await startEtcd({ binary, flags }) : await startEtcdlite(flags));
  }

  /** A new, empty server of the kind under test, that listens at an https URL too. */
  async secure(flags: readonly string[]): Promise<SecureServer> {
    this.refuseForEndpoint();
    const [port] = await freePorts(1);
    const secureUrl = `https://127.0.0.1:${port}`;
    const server =
      this.subject === "etcd"
        ? await startEtcd({ binary: this.etcd, flags, clientUrls: [secureUrl] })
        : await startEtcdlite(["--listen-client-urls", `http://127.0.0.1:0,${secureUrl}`, ...flags]);
    return { ...this.track(server), secureUrl };
  }

  /** A new real etcd to compare with, if one is found. */
  async reference(flags: readonly string[]): Promise<Server | undefined> {
    return this.etcd === undefined ? undefined : this.track(await startEtcd({ binary: this.etcd, flags }));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((server) => server.stop()));
  }

  private refuseForEndpoint(): void {
    if (this.subject === "endpoint") {
      throw new NotApplicable("needs a fresh server of its own; run without --endpoint");
    }
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
