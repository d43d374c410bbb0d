import type { ContextValues, Transport } from "@connectrpc/connect";
import type { Connection } from "../store/connection.ts";
import { background } from "../store/requestlog.ts";
import { MergedStream } from "./mergedstream.ts";
import { type OpenWatchStream, watchStreamsOf } from "./watchstream.ts";

/**
 * A browser holds at most six HTTP/1.1 connections to a host, all tabs together, and a stream takes one: watchers
 * past these share one stream, so that calls still get through.
 */
const OWN_STREAMS = 2;

export class StreamBudget {
  readonly #merged: MergedStream;
  readonly #maxOwn: number;
  #own = 0;

  constructor(open: OpenWatchStream, maxOwn: number) {
    this.#merged = new MergedStream(open);
    this.#maxOwn = maxOwn;
  }

  /** Streams of their own as long as there is room. */
  within(open: OpenWatchStream): OpenWatchStream {
    return (request, signal) =>
      this.#own < this.#maxOwn ? this.#counted(open(request, signal)) : this.#merged.join(request, signal);
  }

  async *#counted<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    this.#own++;
    try {
      yield* stream;
    } finally {
      this.#own--;
    }
  }
}

const budgets = new WeakMap<Transport, StreamBudget>();

/** How watchers of a connection are opened. */
export function streamsOf({ endpoint, transport }: Connection, contextValues?: ContextValues): OpenWatchStream {
  const open = watchStreamsOf(transport, contextValues);
  // HTTP/2, which browsers speak only with TLS, and the worker's port have no such limit.
  if (endpoint.kind !== "server" || !endpoint.url.startsWith("http:")) return open;
  const budget = budgets.get(transport) ?? new StreamBudget(watchStreamsOf(transport, background), OWN_STREAMS);
  budgets.set(transport, budget);
  return budget.within(open);
}
