import { ConnectError } from "@connectrpc/connect";
import { useCallback, useEffect, useRef, useState } from "react";

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Of the last attempt. */
  readonly error: string | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** What is asked for when the component appears, when `key` changes, every so often, and when it is told to. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, key: string, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({ value: undefined, error: undefined, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setTurn((held) => held + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key and turn say when to ask again
  useEffect(() => {
    const abort = new AbortController();
    setState((held) => ({ ...held, loading: true }));
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ value, error: undefined, loading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((held) => ({ ...held, error: ConnectError.from(error).rawMessage, loading: false }));
      },
    );
    const timer = everyMs === undefined ? undefined : setTimeout(reload, everyMs);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, turn, everyMs, reload]);
  return { ...state, reload };
}
