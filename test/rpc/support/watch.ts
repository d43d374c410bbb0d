/** A watch stream in a test's hands: requests are sent one by one, responses taken one by one. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import type { WatchCreateRequest, WatchRequestSchema, WatchResponse } from "../../../src/gen/etcdserverpb/watch_pb.ts";
import type { Fields } from "./ops.ts";
import { Queue } from "./queue.ts";
import { bytes } from "./show.ts";
import type { Target } from "./target.ts";

type WatchRequestInit = MessageInitShape<typeof WatchRequestSchema>;
type CreateInit = Omit<Fields<WatchCreateRequest>, "key" | "rangeEnd" | "filters"> & { filters?: number[] };

/** Far more than any response takes; a test that expects one and gets none fails by it. */
const PATIENCE_MS = 10_000;

export class WatchClient {
  readonly #requests = new Queue<WatchRequestInit>();
  readonly #abort = new AbortController();
  readonly #responses: AsyncIterator<WatchResponse>;

  constructor(target: Pick<Target, "watch">) {
    this.#responses = target.watch.watch(this.#requests, { signal: this.#abort.signal })[Symbol.asyncIterator]();
    onTestFinished(() => this.close());
  }

  send(request: WatchRequestInit): void {
    this.#requests.push(request);
  }

  create(key: string, rangeEnd = "", init: CreateInit = {}): void {
    const value = { ...init, key: bytes(key), rangeEnd: bytes(rangeEnd) };
    this.send({ requestUnion: { case: "createRequest", value } } as WatchRequestInit);
  }

  cancel(watchId: bigint): void {
    this.send({ requestUnion: { case: "cancelRequest", value: { watchId } } });
  }

  requestProgress(): void {
    this.send({ requestUnion: { case: "progressRequest", value: {} } });
  }

  /** The client has no more requests; the stream goes on. */
  halfClose(): void {
    this.#requests.end();
  }

  /** Takes the next response; rejects where the stream failed, ended, or is silent for too long. */
  async next(): Promise<WatchResponse> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no response within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      const result = await Promise.race([this.#responses.next(), silence]);
      if (result.done === true) throw new Error("the stream has ended");
      return result.value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes responses until they hold `count` events. */
  async nextEvents(count: number): Promise<WatchResponse[]> {
    const responses: WatchResponse[] = [];
    for (let events = 0; events < count; ) {
      const response = await this.next();
      responses.push(response);
      events += response.events.length;
    }
    return responses;
  }

  close(): void {
    this.#abort.abort();
    this.#requests.end();
  }
}

/** Creates a watch and takes its `created` reply. */
export async function openWatch(
  target: Pick<Target, "watch">,
  key: string,
  rangeEnd = "",
  init: CreateInit = {},
): Promise<WatchClient> {
  const watch = new WatchClient(target);
  watch.create(key, rangeEnd, init);
  const response = await watch.next();
  if (!response.created || response.canceled) throw new Error(`not created: ${response.cancelReason}`);
  return watch;
}

export { Queue };
