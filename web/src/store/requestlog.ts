import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type StreamResponse, type UnaryResponse } from "@connectrpc/connect";
import { Cell } from "../ui/cell.ts";

/** One call of an RPC, as the Requests panel and the Raw tab show it. */
export interface RequestEntry {
  readonly id: number;
  /** `etcdserverpb.KV/Range` */
  readonly method: string;
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** Undefined for a stream of requests. */
  readonly request: Message | undefined;
  /** Undefined until it is there, and for streams, of which only the count is kept. */
  readonly response: Message | undefined;
  readonly messages: number;
  readonly startedAtMs: number;
  /** Undefined while the call is open. */
  readonly durationMs: number | undefined;
  readonly error: ConnectError | undefined;
}

const KEPT_REQUESTS = 200;

/** The last calls of a connection, newest last. */
export class RequestLog {
  readonly entries = new Cell<readonly RequestEntry[]>([]);
  readonly #sawRevision: (revision: number) => void;
  #lastId = 0;

  /** @param sawRevision told of the revision in each reply's header */
  constructor(sawRevision: (revision: number) => void) {
    this.#sawRevision = sawRevision;
  }

  readonly interceptor: Interceptor = (next) => async (request) => {
    const id = ++this.#lastId;
    const startedAtMs = Date.now();
    const { input, output, parent, name } = request.method;
    this.#add({
      id,
      method: `${parent.typeName}/${name}`,
      input,
      output,
      request: request.stream ? undefined : request.message,
      response: undefined,
      messages: 0,
      startedAtMs,
      durationMs: undefined,
      error: undefined,
    });
    const end = (change: Partial<RequestEntry>): void =>
      this.#change(id, { durationMs: Date.now() - startedAtMs, ...change });
    try {
      const response = await next(request);
      if (response.stream) return this.#streamed(id, response, end);
      this.#see(response);
      end({ response: response.message, messages: 1 });
      return response;
    } catch (error) {
      end({ error: ConnectError.from(error) });
      throw error;
    }
  };

  clear(): void {
    this.entries.set([]);
  }

  #streamed(id: number, response: StreamResponse, end: (change: Partial<RequestEntry>) => void): StreamResponse {
    const see = (message: Message): void => this.#seeMessage(message);
    let messages = 0;
    const tick = throttle(() => this.#change(id, { messages }));
    async function* counted(): AsyncGenerator<Message> {
      let failure: ConnectError | undefined;
      try {
        for await (const message of response.message) {
          messages++;
          see(message);
          tick();
          yield message;
        }
      } catch (error) {
        failure = ConnectError.from(error);
        throw error;
      } finally {
        end({ messages, error: failure?.code === Code.Canceled ? undefined : failure });
      }
    }
    return { ...response, message: counted() };
  }

  #see(response: UnaryResponse): void {
    this.#seeMessage(response.message);
  }

  #seeMessage(message: Message): void {
    const { header } = message as { header?: { revision?: bigint } };
    if (header?.revision !== undefined && header.revision > 0n) this.#sawRevision(Number(header.revision));
  }

  #add(entry: RequestEntry): void {
    this.entries.update((entries) => [...entries.slice(1 - KEPT_REQUESTS), entry]);
  }

  #change(id: number, change: Partial<RequestEntry>): void {
    this.entries.update((entries) => entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }
}

/** A stream of thousands of messages a second must not redraw the page for each. */
function throttle(run: () => void, everyMs = 250): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      run();
    }, everyMs);
  };
}
