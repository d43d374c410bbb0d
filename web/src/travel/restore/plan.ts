/**
 * What it takes to make a prefix what it was at a revision: both sides are read page by page and compared. A key
 * that was put since may have the value it had: of those whose size is the same, the values are compared too.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RequestOpSchema, ResponseOp } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyInfo, KeySource } from "../../keys/model/source.ts";
import { compareBytes, equalBytes } from "../../store/bytes.ts";
import type { Clients } from "../../store/clients.ts";
import { chunksOf, MAX_TXN_OPS } from "./chunks.ts";

export type StepKind = "add" | "change" | "remove";

export interface RestoreStep {
  readonly kind: StepKind;
  readonly key: Uint8Array;
  /** Of the key as it is now, 0 where it is not there: what the write is guarded by. */
  readonly modRevision: number;
  /** Of the key as it was; 0 where it was not there. */
  readonly thenModRevision: number;
  /** Bytes of the value as it was, 0 where that is not known. */
  readonly sizeBytes: number;
  /** Whether the value may be the same: its size is, or is not known. */
  readonly isSameSize: boolean;
  /** The lease that the key keeps: one it had then and still has. */
  readonly lease: bigint;
}

export interface RestorePlan {
  readonly steps: readonly RestoreStep[];
  readonly unchanged: number;
  /** The revision that it was compared with. */
  readonly nowRevision: number;
}

export interface PlanOptions {
  readonly source: KeySource;
  readonly kv: Clients["kv"];
  readonly prefix: Uint8Array;
  readonly revision: number;
  readonly signal: AbortSignal;
  /** Told of the keys compared so far. */
  readonly onProgress?: (compared: number) => void;
}

const PAGE_KEYS = 1_000;

/** @throws ConnectError where a side cannot be read, and the signal's reason */
export async function planRestore(options: PlanOptions): Promise<RestorePlan> {
  const { source, prefix, revision, signal, onProgress } = options;
  const then = new Side(source, prefix, revision, signal);
  const now = new Side(source, prefix, 0, signal);
  const steps: RestoreStep[] = [];
  let unchanged = 0;
  for (let compared = 0; ; compared++) {
    if (compared % PAGE_KEYS === 0) onProgress?.(compared);
    const was = await then.peek();
    const is = await now.peek();
    if (was === undefined && is === undefined) break;
    const order = was === undefined ? 1 : is === undefined ? -1 : compareBytes(was.key, is.key);
    if (order <= 0) then.take();
    if (order >= 0) now.take();
    const step = stepOf(order <= 0 ? was : undefined, order >= 0 ? is : undefined);
    if (step === undefined) unchanged++;
    else steps.push(step);
  }
  const same = await unchangedValues(steps, now.revision, options);
  return {
    steps: steps.filter((step) => !same.has(step)),
    unchanged: unchanged + same.size,
    nowRevision: now.revision,
  };
}

type OpInit = MessageInitShape<typeof RequestOpSchema>;

/** The changes that change nothing. */
async function unchangedValues(
  steps: readonly RestoreStep[],
  nowRevision: number,
  { kv, revision, signal }: PlanOptions,
): Promise<Set<RestoreStep>> {
  const same = new Set<RestoreStep>();
  const maybe = steps.filter(({ kind, isSameSize }) => kind === "change" && isSameSize);
  for (const chunk of chunksOf(maybe, ({ sizeBytes }) => 2 * sizeBytes, MAX_TXN_OPS / 2)) {
    signal.throwIfAborted();
    const readAt = (at: number) =>
      chunk.map(({ key }): OpInit => ({ request: { case: "requestRange", value: { key, revision: BigInt(at) } } }));
    const { responses } = await kv.txn({ success: [...readAt(revision), ...readAt(nowRevision)] });
    for (const [at, step] of chunk.entries()) {
      const [was, is] = [kvOf(responses[at]), kvOf(responses[chunk.length + at])];
      if (was === undefined || is === undefined) continue;
      if (equalBytes(was.value, is.value) && (was.lease === is.lease || is.lease === 0n)) same.add(step);
    }
  }
  return same;
}

function kvOf(response: ResponseOp | undefined) {
  return response?.response.case === "responseRange" ? response.response.value.kvs[0] : undefined;
}

/** Undefined where the key is as it was. */
function stepOf(was: KeyInfo | undefined, is: KeyInfo | undefined): RestoreStep | undefined {
  const key = (was ?? is)?.key;
  if (key === undefined || was?.modRevision === is?.modRevision) return undefined;
  return {
    kind: was === undefined ? "remove" : is === undefined ? "add" : "change",
    key,
    modRevision: is?.modRevision ?? 0,
    thenModRevision: was?.modRevision ?? 0,
    sizeBytes: was?.sizeBytes ?? 0,
    isSameSize: was?.sizeBytes === is?.sizeBytes,
    lease: was !== undefined && was.lease === is?.lease ? was.lease : 0n,
  };
}

/** The keys of a prefix at one revision, one after the other. */
class Side {
  /** The one it is read at: what was the newest when the first page was, if none was named. */
  revision: number;
  readonly #source: KeySource;
  readonly #prefix: Uint8Array;
  readonly #signal: AbortSignal;
  #keys: readonly KeyInfo[] = [];
  #at = 0;
  #next: Uint8Array | undefined;
  #isStarted = false;

  constructor(source: KeySource, prefix: Uint8Array, revision: number, signal: AbortSignal) {
    this.#source = source;
    this.#prefix = prefix;
    this.revision = revision;
    this.#signal = signal;
  }

  async peek(): Promise<KeyInfo | undefined> {
    while (this.#at >= this.#keys.length && (!this.#isStarted || this.#next !== undefined)) await this.#read();
    return this.#keys[this.#at];
  }

  take(): void {
    this.#at++;
  }

  async #read(): Promise<void> {
    this.#signal.throwIfAborted();
    const request = { prefix: this.#prefix, revision: this.revision, start: this.#next, limit: PAGE_KEYS };
    const page = await this.#source.listKeys(request);
    this.#isStarted = true;
    this.revision ||= page.revision;
    this.#keys = page.children.flatMap(({ info }) => info ?? []);
    this.#at = 0;
    this.#next = page.next;
  }
}
