import { useEffect, useState } from "react";
import { go } from "../app/route.ts";
import { errorText } from "../deletion/words.ts";
import { Banner, Button, Spinner } from "../ui/index.ts";
import { ValueView } from "../values/index.ts";
import { DiffView } from "./DiffView.tsx";
import type { HistoryEntry, HistoryReader, HistoryState } from "./historyreader.ts";

interface VersionViewProps {
  readonly reader: HistoryReader;
  readonly state: HistoryState;
  /** One, to be compared with the one before it, or two; newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Undefined where nothing may be written. */
  readonly onRestore: ((value: Uint8Array, revision: number) => void) | undefined;
}

/** What a version changed, or how two versions differ. */
export function VersionView({ reader, state, entries, onRestore }: VersionViewProps) {
  const [newer, chosenOlder] = entries;
  const older = chosenOlder ?? (newer === undefined ? undefined : entryBefore(state, newer));
  const values = useValues(reader, newer, older);
  if (newer === undefined) return null;
  const isNewest = state.entries[state.count - 1] === newer;
  return (
    <section className="detail-version" aria-label="Version">
      <div className="detail-bar detail-bar-plain">
        <h3 className="grow">{titleOf(newer, older, chosenOlder !== undefined)}</h3>
        <Button small onClick={() => go({ revision: newer.revision, tab: "value" })}>
          Keys at this revision
        </Button>
        {onRestore !== undefined && newer.type === "put" && !isNewest && (
          <Button
            small
            tone="primary"
            disabled={values.newer === undefined}
            onClick={() => values.newer !== undefined && onRestore(values.newer, newer.revision)}
          >
            Restore this version
          </Button>
        )}
      </div>
      {values.error !== undefined && <Banner tone="danger">{values.error}</Banner>}
      {values.newer === undefined || values.older === undefined ? (
        values.error === undefined && <Spinner />
      ) : (
        <Contents newer={newer} older={older} values={[values.older, values.newer]} />
      )}
    </section>
  );
}

function titleOf(newer: HistoryEntry, older: HistoryEntry | undefined, isCompared: boolean): string {
  if (isCompared && older !== undefined) return `Revision ${older.revision} → ${newer.revision}`;
  if (newer.type === "delete") return `Deleted in revision ${newer.revision}`;
  return `Revision ${newer.revision}${newer.version === 1 ? ", created" : ""}`;
}

interface ContentsProps {
  readonly newer: HistoryEntry;
  readonly older: HistoryEntry | undefined;
  readonly values: readonly [Uint8Array, Uint8Array];
}

const SHOWN_BYTES = 32 * 1024;

function Contents({ newer, older, values: [before, after] }: ContentsProps) {
  if (newer.type === "put" && (older === undefined || older.type === "delete")) {
    return (
      <>
        {older === undefined && newer.version > 1 && (
          <p className="muted">The version before it has been compacted: this is the value itself.</p>
        )}
        <div className="detail-version-value">
          <ValueView bytes={after} limitBytes={SHOWN_BYTES} />
        </div>
      </>
    );
  }
  return (
    <>
      {newer.type === "delete" && <p className="muted">What was deleted:</p>}
      <DiffView
        before={before}
        after={after}
        label={`Revision ${older?.revision ?? ""} compared with ${newer.revision}`}
      />
    </>
  );
}

function entryBefore({ entries, count }: HistoryState, entry: HistoryEntry): HistoryEntry | undefined {
  const at = entries.indexOf(entry);
  return at > 0 && at < count ? entries[at - 1] : undefined;
}

interface Values {
  readonly newer?: Uint8Array;
  readonly older?: Uint8Array;
  readonly error?: string;
}

const NO_VALUE = new Uint8Array();

function useValues(reader: HistoryReader, newer: HistoryEntry | undefined, older: HistoryEntry | undefined): Values {
  const [values, setValues] = useState<Values>({});
  useEffect(() => {
    let left = false;
    setValues({});
    const read = async (): Promise<void> => {
      try {
        const [young, old] = await Promise.all(
          [newer, older].map((entry) => (entry === undefined ? NO_VALUE : reader.valueOf(entry))),
        );
        if (!left) setValues({ newer: young, older: old });
      } catch (error) {
        if (!left) setValues({ error: errorText(error) });
      }
    };
    void read();
    return () => {
      left = true;
    };
  }, [reader, newer, older]);
  return values;
}
