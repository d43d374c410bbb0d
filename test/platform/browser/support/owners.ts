/** A store whose owner goes whenever a test wants it to; the next one has the same content, as if restored. */
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import type { UniversalClientRequest } from "@connectrpc/connect/protocol";
import { onTestFinished } from "vitest";
import { Watch as BrowserWatch } from "../../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { Watch } from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Port } from "../../../../src/platform/browser/bridge/messages.ts";
import type { EtcdSettings } from "../../../../src/platform/browser/names.ts";
import { Owner } from "../../../../src/platform/browser/owner/owner.ts";
import { type Link, ownLink } from "../../../../src/platform/browser/page/link.ts";
import { resumeWatches } from "../../../../src/platform/browser/page/resume/interceptor.ts";
import { HISTORY_HEADER } from "../../../../src/platform/browser/page/switchboard.ts";
import { storeTransport } from "../../../../src/platform/browser/page/transport.ts";

export class Owners {
  /** Has a way of its own, which is never lost: it writes behind the back of those who wait for an owner. */
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly browserWatch: Client<typeof BrowserWatch>;
  history = "one";
  readonly #owner: Owner;
  #link: Promise<Link>;

  private constructor(owner: Owner) {
    this.#owner = owner;
    this.#link = Promise.resolve(this.#newLink());
    const transport = storeTransport(
      {
        fetch: async (request: UniversalClientRequest) => {
          const link = await Promise.race([this.#link, aborted(request.signal)]);
          const response = await link.fetch(request);
          response.header.set(HISTORY_HEADER, this.history);
          return response;
        },
        call: async (request, signal) => (await this.#link).call(request, signal),
      },
      [resumeWatches],
    );
    this.kv = createClient(KV, storeTransport(this.#newLink(), []));
    this.watch = createClient(Watch, transport);
    this.browserWatch = createClient(BrowserWatch, transport);
  }

  static async start(etcd: EtcdSettings = {}): Promise<Owners> {
    const owner = await Owner.open({ worker: "node", name: undefined, etcd, previous: undefined, announce: () => {} });
    onTestFinished(() => owner.close());
    return new Owners(owner);
  }

  /** The owner is gone; the one that is meant to follow comes with the function's call. */
  async lose(): Promise<() => void> {
    const lost = await this.#link;
    let follow: (link: Link) => void = () => {};
    this.#link = new Promise((resolve) => {
      follow = resolve;
    });
    lost.close();
    return () => follow(this.#newLink());
  }

  async replace(): Promise<void> {
    (await this.lose())();
  }

  #newLink(): Link {
    const { port1, port2 } = new MessageChannel();
    const stop = this.#owner.serve(port2 as Port);
    port2.start();
    const link = ownLink(port1);
    onTestFinished(() => {
      stop();
      link.close();
      port1.close();
    });
    const close = (): void => {
      stop();
      link.close();
    };
    return { ...link, close };
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(ConnectError.from(signal?.reason, Code.Canceled));
    signal?.addEventListener("abort", fail);
    if (signal?.aborted === true) fail();
  });
}
