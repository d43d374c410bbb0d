import { useEffect, useRef, useState } from "react";

export type TaskState<Result> =
  | { readonly phase: "idle" }
  | { readonly phase: "running"; readonly done: number; readonly total: number | undefined }
  | { readonly phase: "done"; readonly result: Result }
  | { readonly phase: "cancelled" }
  | { readonly phase: "failed"; readonly message: string };

export type Report = (done: number, total?: number) => void;

export interface Task<Result> {
  readonly state: TaskState<Result>;
  readonly run: (work: (report: Report, signal: AbortSignal) => Promise<Result>) => Promise<Result | undefined>;
  readonly cancel: () => void;
  readonly reset: () => void;
}

/** Something long with progress, which can be cancelled, and is when one leaves. */
export function useTask<Result>(): Task<Result> {
  const [state, setState] = useState<TaskState<Result>>({ phase: "idle" });
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const run: Task<Result>["run"] = async (work) => {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    const set = (next: TaskState<Result>): void => {
      if (abort.current === own) setState(next);
    };
    set({ phase: "running", done: 0, total: undefined });
    try {
      const result = await work((done, total) => set({ phase: "running", done, total }), own.signal);
      set({ phase: "done", result });
      return result;
    } catch (error) {
      if (own.signal.aborted || isAbort(error)) set({ phase: "cancelled" });
      else set({ phase: "failed", message: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  const cancel = (): void => abort.current?.abort();
  const reset = (): void => {
    cancel();
    abort.current = undefined;
    setState({ phase: "idle" });
  };
  return { state, run, cancel, reset };
}

/** Also what a file picker throws that is closed without a choice. */
function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
