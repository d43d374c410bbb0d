/**
 * Keys that existed since the last compaction and are gone: found by a watch of deletions from the oldest revision
 * that can be read, which then goes on. A deletion tells that a key went, not whether it came back: that is asked.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { RequestOpSchema } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import {
  WatchCreateRequest_FilterType,
  WatchCreateRequestSchema,
  type WatchResponse,
} from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { Event_EventType } from "../../../../src/gen/mvccpb/kv_pb.ts";
import { compareBytes, mapKey } from "../../store/bytes.ts";
import type { Clients } from "../../store/clients.ts";
import { Cell } from "../../ui/cell.ts";
import type { KeyRange } from "../model/source.ts";

export interface DeletedKey {
  readonly key: Uint8Array;
  /** The revision that deleted it. */
  readonly revision: number;
}

export interface DeletedState {
  /** The last deleted first. */
  readonly keys: readonly DeletedKey[];
  /** Whether the history is still being read, as far as one can tell: a watch does not say where it is. */
  readonly isReading: boolean;
  readonly error: ConnectError | undefined;
  /** There were more than are kept. */
  readonly isCut: boolean;
}

const MAX_KEYS = 100_000;
const KEYS_PER_TXN = 100;
/** So long without an event the watch has come to the present. */
const QUIET_MS = 400;

interface Options {
  readonly kv: Clients["kv"];
  readonly open: (request: MessageOfWatch, signal: AbortSignal) => AsyncIterable<WatchResponse>;
  readonly range: KeyRange;
  /** The oldest revision that can be read. */
  readonly fromRevision: number;
}
type MessageOfWatch = ReturnType<typeof create<typeof WatchCreateRequestSchema>>;

export class DeletedKeys {
  readonly state = new Cell<DeletedState>({ keys: [], isReading: true, error: undefined, isCut: false });
  readonly #options: Options;
  readonly #held = new Map<string, DeletedKey>();
  readonly #abort = new AbortController();
  #candidates = new Map<string, DeletedKey>();
  #checking: Promise<void> | undefined;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #isCut = false;

  constructor(options: Options) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { open, range, fromRevision } = this.#options;
    const request = create(WatchCreateRequestSchema, {
      ...range,
      startRevision: BigInt(fromRevision),
      filters: [WatchCreateRequest_FilterType.NOPUT],
    });
    try {
      for await (const response of open(request, this.#abort.signal)) {
        if (response.canceled) throw new ConnectError(canceledText(response));
        this.#take(response);
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#tell({ isReading: false, error: ConnectError.from(error) });
    }
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#quietTimer);
  }

  /** Somebody put these keys: they are there again. */
  came(keys: readonly Uint8Array[]): void {
    let isChanged = false;
    for (const key of keys) {
      this.#candidates.delete(mapKey(key));
      isChanged = this.#held.delete(mapKey(key)) || isChanged;
    }
    if (isChanged) this.#tell({});
  }

  #take({ events }: WatchResponse): void {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => void this.#settle(), QUIET_MS);
    for (const { type, kv } of events) {
      // A stream that is shared with other watchers may bring more than was asked for.
      if (kv === undefined || type !== Event_EventType.DELETE) continue;
      this.#candidates.set(mapKey(kv.key), { key: kv.key, revision: Number(kv.modRevision) });
    }
    if (this.#candidates.size > 0) void this.#check();
  }

  async #settle(): Promise<void> {
    await this.#checking;
    this.#tell({ isReading: false });
  }

  /** Keeps of the candidates what is not there now. */
  #check(): Promise<void> {
    this.#checking ??= this.#checkAll()
      .catch((error: unknown) => this.#tell({ error: ConnectError.from(error) }))
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #checkAll(): Promise<void> {
    while (this.#candidates.size > 0 && !this.#abort.signal.aborted) {
      const part = [...this.#candidates.entries()].slice(0, KEYS_PER_TXN);
      const success = part.map(([, { key }]): MessageInitShape<typeof RequestOpSchema> => {
        return { request: { case: "requestRange", value: { key, countOnly: true } } };
      });
      const { responses } = await this.#options.kv.txn({ success });
      for (const [at, [id, deleted]] of part.entries()) {
        // One that came or went again meanwhile is another candidate, or none.
        if (this.#candidates.get(id) !== deleted) continue;
        this.#candidates.delete(id);
        const response = responses[at]?.response;
        const isThere = response?.case === "responseRange" && response.value.count > 0n;
        if (isThere) this.#held.delete(id);
        else if (this.#held.size < MAX_KEYS || this.#held.has(id)) this.#held.set(id, deleted);
        else this.#isCut = true;
      }
      this.#tell({});
    }
  }

  #tell(change: Partial<DeletedState>): void {
    const keys = [...this.#held.values()].sort((a, b) => b.revision - a.revision || compareBytes(a.key, b.key));
    this.state.set({ ...this.state.value, keys, isCut: this.#isCut, ...change });
  }
}

function canceledText({ compactRevision, cancelReason }: WatchResponse): string {
  if (compactRevision > 0n) return `The history below revision ${compactRevision} has been compacted.`;
  return cancelReason === "" ? "The server canceled the watch." : cancelReason;
}
