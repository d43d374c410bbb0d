/**
 * The last calls of a connection. A call costs the log an object and an array slot; what listens is told at most
 * once a frame, however many calls there are. What is kept is bounded by count, and its messages by bytes: past
 * that the oldest calls lose their messages before they go. Passwords and tokens are never in it.
 */
import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
} from "@connectrpc/connect";
import { Cell } from "../ui/cell.ts";
import { nextFrame } from "./frame.ts";
import { messageBytes } from "./messagesize.ts";
import { withoutSecrets } from "./secrets.ts";

/** One call of an RPC, as the Requests panel and the Raw tab show it. */
export interface RequestEntry {
  readonly id: number;
  /** `etcdserverpb.KV/Range` */
  readonly method: string;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly isStream: boolean;
  /** What the page does by itself: status, live updates. */
  readonly isBackground: boolean;
  /** Of a stream of requests, the first. Undefined until it is sent, and once it is let go of for newer ones. */
  readonly request: Message | undefined;
  /** Of a stream, the last so far. Undefined until it is there, and once it is let go of for newer ones. */
  readonly response: Message | undefined;
  /** Responses so far. */
  readonly messages: number;
  readonly startedAtMs: number;
  /** Undefined while the call is open. */
  readonly durationMs: number | undefined;
  readonly error: ConnectError | undefined;
  /** Whether its messages were let go of. */
  readonly isForgotten: boolean;
}

type Draft = { -readonly [Field in keyof RequestEntry]: RequestEntry[Field] };

interface Kept {
  draft: Draft;
  /** What the draft was when it was last told of; undefined when it has changed. */
  told: RequestEntry | undefined;
  sizeBytes: number;
}

const KEPT_REQUESTS = 500;
const KEPT_BYTES = 32 * 1024 * 1024;

const BACKGROUND = createContextKey(false, { description: "a call that the page makes by itself" });

/** For `contextValues` of a call that nobody asked for: the Requests panel leaves it out unless it is asked to show it. */
export const background = createContextValues().set(BACKGROUND, true);

export function isBackground({ contextValues }: Pick<UnaryRequest, "contextValues">): boolean {
  return contextValues.get(BACKGROUND);
}

export class RequestLog {
  readonly entries = new Cell<readonly RequestEntry[]>([]);
  readonly #sawRevision: (revision: number) => void;
  readonly #kept = new Set<Kept>();
  #lastId = 0;
  #cancelFrame: (() => void) | undefined;
  #streamRevision = 0;

  /** @param sawRevision told of the revision in each reply's header */
  constructor(sawRevision: (revision: number) => void) {
    this.#sawRevision = sawRevision;
  }

  readonly interceptor: Interceptor = (next) => async (request) => {
    const kept = this.#open(request);
    try {
      const response = await next(request.stream ? this.#sending(kept, request) : request);
      if (response.stream) return this.#receiving(kept, response);
      this.#sawRevision(revisionOf(response.message));
      this.#close(kept, { response: withoutSecrets(response.message), messages: 1 });
      return response;
    } catch (error) {
      this.#close(kept, { error: ConnectError.from(error) });
      throw error;
    }
  };

  clear(): void {
    for (const kept of this.#kept) if (kept.draft.durationMs !== undefined) this.#kept.delete(kept);
    this.#publish();
  }

  /** Also of calls that are open: whoever looks at it now is not to see them. */
  forget(): void {
    this.#kept.clear();
    this.#publish();
  }

  #open(request: UnaryRequest | StreamRequest): Kept {
    const { input, output, parent, name } = request.method;
    const draft: Draft = {
      id: ++this.#lastId,
      method: `${parent.typeName}/${name}`,
      input,
      output,
      isStream: request.stream,
      isBackground: isBackground(request),
      request: request.stream ? undefined : withoutSecrets(request.message),
      response: undefined,
      messages: 0,
      startedAtMs: Date.now(),
      durationMs: undefined,
      error: undefined,
      isForgotten: false,
    };
    const kept: Kept = { draft, told: undefined, sizeBytes: 0 };
    this.#kept.add(kept);
    if (this.#kept.size > KEPT_REQUESTS) this.#dropOldest();
    this.#changed(kept);
    return kept;
  }

  /** An open stream outlives the calls around it: it is what one wants to see. */
  #dropOldest(): void {
    let oldest: Kept | undefined;
    for (const kept of this.#kept) {
      oldest ??= kept;
      if (kept.draft.durationMs === undefined) continue;
      oldest = kept;
      break;
    }
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  #close(kept: Kept, change: Partial<Draft>): void {
    Object.assign(kept.draft, change);
    kept.draft.durationMs = Date.now() - kept.draft.startedAtMs;
    this.#changed(kept);
  }

  #sending(kept: Kept, request: StreamRequest): StreamRequest {
    const seen = async function* (see: (message: Message) => void): AsyncGenerator<Message> {
      for await (const message of request.message) {
        see(message);
        yield message;
      }
    };
    const see = (message: Message): void => {
      // A client hands its method what it was called with: a message or the fields of one.
      kept.draft.request ??= create(kept.draft.input, message as MessageInitShape<DescMessage>);
      this.#changed(kept);
    };
    return { ...request, message: seen(see) } as StreamRequest;
  }

  #receiving(kept: Kept, response: StreamResponse): StreamResponse {
    const received = async function* (log: RequestLog): AsyncGenerator<Message> {
      let error: ConnectError | undefined;
      try {
        for await (const message of response.message) {
          kept.draft.messages++;
          kept.draft.response = message;
          log.#streamRevision = Math.max(log.#streamRevision, revisionOf(message));
          log.#changed(kept);
          yield message;
        }
      } catch (thrown) {
        error = ConnectError.from(thrown);
        throw thrown;
      } finally {
        log.#close(kept, { error: error?.code === Code.Canceled ? undefined : error });
      }
    };
    return { ...response, message: received(this) };
  }

  #changed(kept: Kept): void {
    kept.told = undefined;
    this.#cancelFrame ??= nextFrame(() => this.#publish());
  }

  #publish(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#forgetMessages();
    const entries: RequestEntry[] = [];
    for (const kept of this.#kept) {
      kept.told ??= { ...kept.draft };
      entries.push(kept.told);
    }
    this.entries.set(entries);
    if (this.#streamRevision > 0) this.#sawRevision(this.#streamRevision);
    this.#streamRevision = 0;
  }

  /** Sizes are looked at when they are published: most calls of a busy page are gone by then. */
  #forgetMessages(): void {
    let sizeBytes = 0;
    for (const kept of [...this.#kept].reverse()) {
      const { draft } = kept;
      if (draft.isForgotten) continue;
      if (kept.told === undefined) kept.sizeBytes = messageBytes(draft.request) + messageBytes(draft.response);
      sizeBytes += kept.sizeBytes;
      if (sizeBytes <= KEPT_BYTES || draft.durationMs === undefined) continue;
      kept.draft = { ...draft, request: undefined, response: undefined, isForgotten: true };
      kept.told = undefined;
      sizeBytes -= kept.sizeBytes;
    }
  }
}

function revisionOf(message: Message): number {
  const { header } = message as { header?: { revision?: bigint } };
  return Number(header?.revision ?? 0n);
}
