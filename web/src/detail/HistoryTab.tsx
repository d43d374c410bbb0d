import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useConnection } from "../app/context.ts";
import { Banner, EmptyState, Spinner, useCell } from "../ui/index.ts";
import { HistoryList } from "./HistoryList.tsx";
import { type HistoryEntry, HistoryReader, type HistoryState } from "./historyreader.ts";
import { VersionView } from "./VersionView.tsx";

const RestoreFlow = lazy(() => import("./RestoreFlow.tsx"));

interface HistoryTabProps {
  readonly keyBytes: Uint8Array;
  /** Whether an earlier revision of the store is shown: then nothing is written. */
  readonly isPast: boolean;
}

/** Every version of the key that there still is, newest first; one or two of them beside. */
export default function HistoryTab({ keyBytes, isPast }: HistoryTabProps) {
  const reader = useHistoryReader(keyBytes);
  return reader === undefined ? <Spinner /> : <History reader={reader} keyBytes={keyBytes} isPast={isPast} />;
}

function useHistoryReader(keyBytes: Uint8Array): HistoryReader | undefined {
  const connection = useConnection();
  const [reader, setReader] = useState<HistoryReader>();
  useEffect(() => {
    const made = new HistoryReader(connection, keyBytes);
    setReader(made);
    return () => made.close();
  }, [connection, keyBytes]);
  return reader;
}

interface Restoring {
  readonly value: Uint8Array;
  readonly revision: number;
}

function History({ reader, keyBytes, isPast }: HistoryTabProps & { readonly reader: HistoryReader }) {
  const state = useCell(reader.state);
  // Revisions; none chosen is the newest.
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [restoring, setRestoring] = useState<Restoring>();
  const compared = useMemo(() => comparedOf(state, chosen), [state, chosen]);
  if (state.phase === "failed") {
    return (
      <Banner tone="danger" title="The history could not be read">
        {state.error}
      </Banner>
    );
  }
  if (state.count === 0) return <NoHistory state={state} />;
  return (
    <div className="detail-history">
      <HistoryList state={state} chosen={compared.map(({ revision }) => revision)} onChoose={setChosen} />
      <VersionView
        reader={reader}
        entries={compared}
        state={state}
        onRestore={isPast ? undefined : (value, revision) => setRestoring({ value, revision })}
      />
      <Suspense>
        {restoring !== undefined && (
          <RestoreFlow
            keyBytes={keyBytes}
            {...restoring}
            onClose={() => setRestoring(undefined)}
            onSaved={() => {
              setRestoring(undefined);
              setChosen([]);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** The chosen entries, the newest one first; the newest of all where none is chosen. */
function comparedOf({ entries, count }: HistoryState, chosen: readonly number[]): readonly HistoryEntry[] {
  const found = chosen
    .flatMap((revision) => entries.find((entry) => entry.revision === revision) ?? [])
    .sort((a, b) => b.revision - a.revision);
  const newest = entries[count - 1];
  return found.length > 0 || newest === undefined ? found : [newest];
}

function NoHistory({ state }: { readonly state: HistoryState }) {
  if (state.phase === "reading") return <Spinner label="Reading the history" />;
  return (
    <EmptyState title="No history">
      {state.compactRevision > 0
        ? `The store was compacted at revision ${state.compactRevision}; since then this key was not there.`
        : "This key has never been there."}
    </EmptyState>
  );
}
