/** A Connect transport in Node to the store in a browser, by way of a probe tab; for unary calls and server streams. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type StreamResponse, type Transport, type UnaryResponse } from "@connectrpc/connect";
import type { BrowserContext, Page } from "playwright";
import { fromBinaryText, toBinaryText } from "./binary.ts";
import type { ProbeHeader, ProbeReply } from "./probe/probe.ts";

export interface ProbeTab {
  readonly transport: Transport;
  readonly page: Page;
}

/** Opens the probe tab; it is there for as long as the context is. */
export async function openProbe(context: BrowserContext, url: string): Promise<ProbeTab> {
  const page = await context.newPage();
  const streams = new Map<number, MessageQueue>();
  await page.exposeFunction("probeMessage", (id: number, data: string) => streams.get(id)?.push(fromBinaryText(data)));
  await page.goto(url);
  await page.evaluate(() => window.probe.then(() => undefined));
  return { transport: probeTransport(page, streams), page };
}

function probeTransport(page: Page, streams: Map<number, MessageQueue>): Transport {
  let lastId = 0;
  return {
    async unary(method, _signal, _timeoutMs, header, input) {
      const data = toBinaryText(toBinary(method.input, create(method.input, input)));
      const reply = await page.evaluate(
        async ([service, name, request, sent]) => (await window.probe).unary(service, name, request, sent),
        [method.parent.typeName, method.name, data, [...new Headers(header)] as ProbeHeader] as const,
      );
      return {
        ...emptyReply(method, header),
        stream: false,
        message: fromBinary(method.output, fromBinaryText(dataOf(reply))),
      } as UnaryResponse<typeof method.input, typeof method.output>;
    },
    async stream(method, signal, _timeoutMs, header, input) {
      const id = ++lastId;
      const queue = new MessageQueue();
      streams.set(id, queue);
      const { value: first } = await input[Symbol.asyncIterator]().next();
      const data = toBinaryText(toBinary(method.input, create(method.input, first)));
      const cancel = (): void =>
        void page.evaluate(async (cancelled) => (await window.probe).cancel(cancelled), id).catch(() => {});
      signal?.addEventListener("abort", cancel);
      page
        .evaluate(
          async ([stream, service, name, request, sent]) =>
            (await window.probe).serverStream(stream, service, name, request, sent),
          [id, method.parent.typeName, method.name, data, [...new Headers(header)] as ProbeHeader] as const,
        )
        .then(dataOf)
        .then(
          () => queue.end(undefined),
          (error: unknown) => queue.end(ConnectError.from(error)),
        );
      const messages = async function* () {
        try {
          for await (const bytes of queue) yield fromBinary(method.output, bytes);
        } finally {
          cancel();
        }
      };
      return { ...emptyReply(method, header), stream: true, message: messages() } as unknown as StreamResponse<
        typeof method.input,
        typeof method.output
      >;
    },
  };
}

function emptyReply(method: { readonly parent: unknown }, header: HeadersInit | undefined): object {
  return { service: method.parent, method, header: new Headers(header), trailer: new Headers() };
}

function dataOf(reply: ProbeReply): string {
  if ("code" in reply) throw new ConnectError(reply.message, reply.code);
  return reply.data;
}

/** Messages as they come, taken one after the other. */
class MessageQueue implements AsyncIterable<Uint8Array> {
  readonly #messages: Uint8Array[] = [];
  #wake: () => void = () => {};
  #ended = false;
  #error: ConnectError | undefined;

  push(message: Uint8Array): void {
    this.#messages.push(message);
    this.#wake();
  }

  end(error: ConnectError | undefined): void {
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let next = this.#messages.shift(); next !== undefined; next = this.#messages.shift()) yield next;
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
