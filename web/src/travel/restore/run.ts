/**
 * Carries out a restore in txns of bounded size. Each write is guarded by the revision that the key was seen at:
 *
 *     If    mod(k1) = seen, mod(k2) = seen, …
 *     Then  put k1, delete k2, …
 *     Else  get k1, get k2, …          the keys that differ are conflicts, the others are tried again without them
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  type RequestOpSchema,
  type ResponseOp,
} from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { toDisplay } from "../../store/bytes.ts";
import type { Clients } from "../../store/clients.ts";
import { chunksOf } from "./chunks.ts";
import type { RestoreStep } from "./plan.ts";

export interface Conflict {
  readonly step: RestoreStep;
  /** The revision that the key is at by now; 0 where it is gone. */
  readonly modRevision: number;
}

export interface RestoreOutcome {
  readonly done: number;
  readonly conflicts: readonly Conflict[];
  /** The last revision before the first write; undefined where nothing was written. */
  readonly beforeRevision: number | undefined;
}

export interface RunOptions {
  readonly kv: Clients["kv"];
  readonly steps: readonly RestoreStep[];
  /** Where values are read. */
  readonly revision: number;
  /** Stops between two txns. */
  readonly signal: AbortSignal;
  /** Told after each txn. */
  readonly onProgress: (outcome: RestoreOutcome) => void;
}

type OpInit = MessageInitShape<typeof RequestOpSchema>;

interface Write {
  readonly step: RestoreStep;
  readonly value: Uint8Array | undefined;
}

/** @throws ConnectError of a call that failed; what was told of before has been written */
export async function runRestore({ kv, steps, revision, signal, onProgress }: RunOptions): Promise<RestoreOutcome> {
  let outcome: RestoreOutcome = { done: 0, conflicts: [], beforeRevision: undefined };
  for (const chunk of chunksOf(steps, ({ sizeBytes }) => sizeBytes)) {
    const writes = await readValues(kv, chunk, revision);
    // Not every server tells sizes beforehand.
    for (let pending of chunksOf(writes, ({ value }) => value?.length ?? 0)) {
      while (pending.length > 0 && !signal.aborted) {
        const { written, conflicts } = await write(kv, pending);
        if (written !== undefined) {
          outcome = {
            ...outcome,
            done: outcome.done + pending.length,
            beforeRevision: outcome.beforeRevision ?? written - 1,
          };
          pending = [];
        } else {
          const differing = new Set(conflicts.map(({ step }) => step));
          outcome = { ...outcome, conflicts: [...outcome.conflicts, ...conflicts] };
          pending = pending.filter(({ step }) => !differing.has(step));
        }
        onProgress(outcome);
      }
    }
    if (signal.aborted) break;
  }
  return outcome;
}

/** Steps for conflicts that are to be overwritten after all. */
export function stepsForConflicts(conflicts: readonly Conflict[]): RestoreStep[] {
  return conflicts
    .filter(({ step, modRevision }) => step.kind !== "remove" || modRevision > 0)
    .map(({ step, modRevision }) => ({ ...step, modRevision, lease: 0n }));
}

async function readValues(kv: Clients["kv"], steps: readonly RestoreStep[], revision: number): Promise<Write[]> {
  const wanted = steps.filter(({ kind }) => kind !== "remove");
  if (wanted.length === 0) return steps.map((step) => ({ step, value: undefined }));
  const success = wanted.map(({ key }): OpInit => {
    return { request: { case: "requestRange", value: { key, revision: BigInt(revision) } } };
  });
  const { responses } = await kv.txn({ success });
  const values = new Map(wanted.map((step, at) => [step, rangeOf(responses[at])?.value]));
  const lost = wanted.find((step) => values.get(step) === undefined);
  // Never an empty value in place of one that could not be read.
  if (lost !== undefined) throw new Error(`${toDisplay(lost.key)} could not be read at revision ${revision}`);
  return steps.map((step) => ({ step, value: values.get(step) }));
}

function rangeOf(response: ResponseOp | undefined) {
  return response?.response.case === "responseRange" ? response.response.value.kvs[0] : undefined;
}

interface Written {
  /** The revision it was written at; undefined where a guard did not hold. */
  readonly written: number | undefined;
  readonly conflicts: readonly Conflict[];
}

async function write(kv: Clients["kv"], writes: readonly Write[]): Promise<Written> {
  const { succeeded, header, responses } = await kv.txn({
    compare: writes.map(({ step }) => ({
      key: step.key,
      target: Compare_CompareTarget.MOD,
      result: Compare_CompareResult.EQUAL,
      targetUnion: { case: "modRevision", value: BigInt(step.modRevision) },
    })),
    success: writes.map(opOf),
    failure: writes.map(({ step }): OpInit => {
      return { request: { case: "requestRange", value: { key: step.key, keysOnly: true } } };
    }),
  });
  if (succeeded) return { written: Number(header?.revision ?? 0n), conflicts: [] };
  const conflicts = writes.flatMap(({ step }, at): Conflict[] => {
    const modRevision = Number(rangeOf(responses[at])?.modRevision ?? 0n);
    return modRevision === step.modRevision ? [] : [{ step, modRevision }];
  });
  return { written: undefined, conflicts };
}

function opOf({ step: { kind, key, lease }, value = new Uint8Array() }: Write): OpInit {
  if (kind === "remove") return { request: { case: "requestDeleteRange", value: { key } } };
  return { request: { case: "requestPut", value: { key, value, lease } } };
}
