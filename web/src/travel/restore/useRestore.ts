import { useEffect, useRef, useState } from "react";
import { useConnection } from "../../app/context.ts";
import { keySourceOf } from "../../keys/model/choose.ts";
import { planRestore, type RestorePlan, type RestoreStep } from "./plan.ts";
import { type RestoreOutcome, runRestore, stepsForConflicts } from "./run.ts";

export type RestorePhase =
  | { readonly name: "asking" }
  | { readonly name: "planning"; readonly compared: number }
  | { readonly name: "planned"; readonly plan: RestorePlan }
  | { readonly name: "running"; readonly total: number; readonly outcome: RestoreOutcome }
  | {
      readonly name: "done";
      readonly total: number;
      readonly outcome: RestoreOutcome;
      readonly isCanceled: boolean;
      readonly error: unknown;
    }
  | { readonly name: "failed"; readonly error: unknown };

export interface Restore {
  readonly phase: RestorePhase;
  readonly plan: (revision: number) => void;
  readonly run: (steps: readonly RestoreStep[], revision: number) => void;
  readonly retryConflicts: (revision: number) => void;
  readonly cancel: () => void;
  readonly ask: () => void;
}

const NOTHING: RestoreOutcome = { done: 0, conflicts: [], beforeRevision: undefined };

/** One restore from the question to its end; leaving it cancels what runs. */
export function useRestore(prefix: Uint8Array): Restore {
  const { clients } = useConnection();
  const [phase, setPhase] = useState<RestorePhase>({ name: "asking" });
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const begin = (): AbortSignal => {
    abort.current.abort();
    abort.current = new AbortController();
    return abort.current.signal;
  };

  const plan = async (revision: number): Promise<void> => {
    const signal = begin();
    const tell = (next: RestorePhase): void => {
      if (!signal.aborted) setPhase(next);
    };
    tell({ name: "planning", compared: 0 });
    try {
      const onProgress = (compared: number): void => tell({ name: "planning", compared });
      const made = await planRestore({
        source: keySourceOf(clients),
        kv: clients.kv,
        prefix,
        revision,
        signal,
        onProgress,
      });
      tell({ name: "planned", plan: made });
    } catch (error) {
      tell({ name: "failed", error });
    }
  };

  const run = async (steps: readonly RestoreStep[], revision: number, before?: number): Promise<void> => {
    const signal = begin();
    const total = steps.length;
    let outcome: RestoreOutcome = { ...NOTHING, beforeRevision: before };
    setPhase({ name: "running", total, outcome });
    let error: unknown;
    try {
      await runRestore({
        kv: clients.kv,
        steps,
        revision,
        signal,
        onProgress: (told) => {
          outcome = { ...told, beforeRevision: before ?? told.beforeRevision };
          setPhase({ name: "running", total, outcome });
        },
      });
    } catch (thrown) {
      error = thrown;
    }
    setPhase({ name: "done", total, outcome, isCanceled: signal.aborted, error });
  };

  return {
    phase,
    plan: (revision) => void plan(revision),
    run: (steps, revision) => void run(steps, revision),
    retryConflicts: (revision) => {
      if (phase.name !== "done") return;
      void run(stepsForConflicts(phase.outcome.conflicts), revision, phase.outcome.beforeRevision);
    },
    cancel: () => abort.current.abort(),
    ask: () => setPhase({ name: "asking" }),
  };
}
