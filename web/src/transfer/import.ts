/** Writes what a preview has shown, each key only if it is still as the preview found it. */
import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  RequestOpSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { mapKey } from "../store/bytes.ts";
import type { Clients } from "../store/clients.ts";
import { batched, type Found, type Preview } from "./preview.ts";
import type { ReadItem } from "./read.ts";
import type { KeyRecord } from "./record.ts";
import { type Rekey, rekey } from "./rekey.ts";

export interface ImportOptions {
  /** What becomes of keys that are there with another value. */
  readonly existing: "skip" | "overwrite";
  readonly target: Rekey;
}

export interface ImportFailure {
  readonly key: Uint8Array;
  readonly message: string;
}

export interface ImportReport {
  readonly written: number;
  readonly skipped: number;
  readonly failures: readonly ImportFailure[];
  /** Failures beyond those kept. */
  readonly failureCount: number;
  readonly cancelled: boolean;
}

const KEPT_FAILURES = 200;

export async function runImport(
  clients: Clients,
  items: AsyncIterable<ReadItem>,
  preview: Preview,
  options: ImportOptions,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<ImportReport> {
  const run = new Run(clients, preview.found, options, signal);
  let done = 0;
  try {
    for await (const batch of batched(run.wanted(items))) {
      signal.throwIfAborted();
      await run.write(batch);
      done += batch.length;
      progress(done);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return run.report(signal.aborted);
}

class Run {
  readonly #clients: Clients;
  readonly #found: ReadonlyMap<string, Found>;
  readonly #options: ImportOptions;
  readonly #signal: AbortSignal;
  /** Mod revisions of what this import has written, for keys that come more than once. */
  readonly #written = new Map<string, number>();
  readonly #failures: ImportFailure[] = [];
  #failureCount = 0;
  #writtenCount = 0;
  #skipped = 0;

  constructor(clients: Clients, found: ReadonlyMap<string, Found>, options: ImportOptions, signal: AbortSignal) {
    this.#clients = clients;
    this.#found = found;
    this.#options = options;
    this.#signal = signal;
  }

  /** The records that are to be written, under their new keys. */
  async *wanted(items: AsyncIterable<ReadItem>): AsyncGenerator<KeyRecord> {
    for await (const item of items) {
      if ("problem" in item) continue;
      const record = { ...item.record, key: rekey(item.record.key, this.#options.target) };
      const found = this.#found.get(mapKey(record.key));
      if (this.#isSkipped(found)) this.#skipped++;
      else yield record;
    }
  }

  #isSkipped(found: Found | undefined): boolean {
    if (found === undefined || found.fate === "new") return false;
    return found.fate === "same" || this.#options.existing === "skip";
  }

  async write(batch: readonly KeyRecord[]): Promise<void> {
    try {
      if (await this.#put(batch)) return;
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (batch.length === 1) return this.#fail(batch[0], ConnectError.from(error).rawMessage);
    }
    if (batch.length === 1) return this.#fail(batch[0], "changed by somebody else since the preview: left as it is");
    // One of them stands in the way of all: each by itself.
    for (const record of batch) await this.write([record]);
  }

  /** Whether all of them were still as the preview found them, and so were written. */
  async #put(batch: readonly KeyRecord[]): Promise<boolean> {
    const compare = batch.map(({ key }) => this.#unchanged(key));
    const success = batch.map(({ key, value }) =>
      create(RequestOpSchema, { request: { case: "requestPut", value: { key, value } } }),
    );
    const { succeeded, header } = await this.#clients.kv.txn({ compare, success }, { signal: this.#signal });
    if (!succeeded) return false;
    for (const { key } of batch) this.#written.set(mapKey(key), Number(header?.revision ?? 0n));
    this.#writtenCount += batch.length;
    return true;
  }

  #unchanged(key: Uint8Array): Compare {
    const id = mapKey(key);
    const modRevision = BigInt(this.#written.get(id) ?? this.#found.get(id)?.modRevision ?? 0);
    return create(CompareSchema, {
      ...{ key, target: Compare_CompareTarget.MOD, result: Compare_CompareResult.EQUAL },
      targetUnion: { case: "modRevision", value: modRevision },
    });
  }

  #fail(record: KeyRecord | undefined, message: string): void {
    if (record === undefined) return;
    this.#failureCount++;
    if (this.#failures.length < KEPT_FAILURES) this.#failures.push({ key: record.key, message });
  }

  report(cancelled: boolean): ImportReport {
    return {
      ...{ written: this.#writtenCount, skipped: this.#skipped, failures: this.#failures },
      ...{ failureCount: this.#failureCount, cancelled },
    };
  }
}
