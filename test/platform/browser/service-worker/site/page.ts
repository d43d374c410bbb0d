/** A page with a store, and one that knows only the URL it is served at: connect-web does the rest. */
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Watch } from "../../../../../src/gen/etcdlite/v1/watch_pb.ts";
import { KV } from "../../../../../src/gen/etcdserverpb/kv_pb.ts";
import { type BrowserStore, openStore, serveByServiceWorker } from "../../../../../src/platform/browser/index.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const TRANSPORTS = {
  connect: (baseUrl: string) => createConnectTransport({ baseUrl, useBinaryFormat: true }),
  json: (baseUrl: string) => createConnectTransport({ baseUrl }),
  "grpc-web": (baseUrl: string) => createGrpcWebTransport({ baseUrl }),
};
export type Protocol = keyof typeof TRANSPORTS;

class Page {
  #store: BrowserStore | undefined;
  #watch: AbortController | undefined;
  readonly seen: string[] = [];

  async open(name: string): Promise<void> {
    this.#store = await openStore({ name });
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  async serve(name: string): Promise<string> {
    const { baseUrl } = await serveByServiceWorker({ scriptUrl: "sw.js", store: { name } });
    return baseUrl;
  }

  async put(protocol: Protocol, baseUrl: string, key: string, value: string): Promise<string> {
    const kv = createClient(KV, this.#transport(protocol, baseUrl));
    await kv.put({ key: bytes(key), value: bytes(value) });
    return text((await kv.range({ key: bytes(key) })).kvs[0]?.value);
  }

  async error(protocol: Protocol, baseUrl: string): Promise<string> {
    const kv = createClient(KV, this.#transport(protocol, baseUrl));
    return await kv.range({}).then(
      () => "none",
      (error: unknown) => described(error),
    );
  }

  /** Settles when the watch was created; what it sees goes to `seen`. */
  async watch(protocol: Protocol, baseUrl: string): Promise<void> {
    this.#watch = new AbortController();
    const client = createClient(Watch, this.#transport(protocol, baseUrl));
    const { signal } = this.#watch;
    const responses = client.watch({ key: bytes("\0"), rangeEnd: bytes("\0") }, { signal });
    await new Promise<void>((created) => {
      void (async () => {
        try {
          for await (const response of responses) {
            if (response.created) created();
            this.seen.push(...response.events.map(({ kv }) => `${text(kv?.key)}=${text(kv?.value)}`));
          }
        } catch (error) {
          this.seen.push(described(error));
        }
      })();
    });
  }

  stop(): void {
    this.#watch?.abort();
  }

  /** What the network, or another listener, gives for a URL. */
  async status(url: string, init?: RequestInit): Promise<number> {
    return (await fetch(url, init)).status;
  }

  #transport(protocol: Protocol, baseUrl: string): Transport {
    return TRANSPORTS[protocol](baseUrl);
  }
}

function described(error: unknown): string {
  const { code, rawMessage } = ConnectError.from(error);
  return `${Code[code]}: ${rawMessage}`;
}

export type { Page };

Object.assign(window, { page: new Page() });
