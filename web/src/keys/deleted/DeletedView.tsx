import { ArchiveRestore, Trash2 } from "lucide-react";
import { type CSSProperties, useEffect, useMemo, useState } from "react";
import { useConnection } from "../../app/context.ts";
import { go, useRoute } from "../../app/route.ts";
import { toast } from "../../app/toasts.ts";
import { putBack } from "../../deletion/steps.ts";
import { errorText, putBackText } from "../../deletion/words.ts";
import { NotLive, type NotLiveReason, streamsOf, useLiveEvents } from "../../live/index.ts";
import { mapKey, prefixRange, toDisplay } from "../../store/bytes.ts";
import { oldestOf, refreshOldest } from "../../travel/index.ts";
import { Banner, Button, Confirm, EmptyState, KeyText, Spinner, useCell } from "../../ui/index.ts";
import { useVirtualScroll } from "../grid/useVirtualScroll.ts";
import { changeOf } from "../model/change.ts";
import { type DeletedKey, DeletedKeys, type DeletedState } from "./deletedkeys.ts";

const ROW_PX = 34;

/** Keys that were there since the last compaction and are gone, each to be put back as it was before it went. */
export default function DeletedView({ filter }: { readonly filter: string }) {
  const { deleted, notLive } = useDeletedKeys();
  if (deleted === undefined) return <EmptyState icon={<Spinner />} title="Reading the history…" />;
  return (
    <>
      <NotLive what="This list" reason={notLive} />
      <Loaded deleted={deleted} filter={filter} />
    </>
  );
}

/** Undefined until it is known how far back one can look. */
function useDeletedKeys(): { readonly deleted: DeletedKeys | undefined; readonly notLive: NotLiveReason | undefined } {
  const connection = useConnection();
  const { query } = useRoute();
  const [fromRevision, setFrom] = useState<number>();
  const prefixId = mapKey(query);
  useEffect(() => {
    let left = false;
    void refreshOldest(connection).then(() => !left && setFrom(oldestOf(connection).value));
    return () => {
      left = true;
    };
  }, [connection]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the prefix is what its bytes are, not their array
  const deleted = useMemo(() => {
    if (fromRevision === undefined) return undefined;
    const { clients } = connection;
    return new DeletedKeys({
      kv: clients.kv,
      open: streamsOf(connection),
      range: prefixRange(query),
      fromRevision,
    });
  }, [connection, fromRevision, prefixId]);
  useEffect(() => {
    void deleted?.start();
    return () => deleted?.close();
  }, [deleted]);
  const notLive = useLiveEvents(prefixRange(query), ({ events }) => {
    const puts = events.flatMap((event) => changeOf(event) ?? []).filter(({ type }) => type === "put");
    deleted?.came(puts.map(({ info }) => info.key));
  });
  return { deleted, notLive };
}

function Loaded({ deleted, filter }: { readonly deleted: DeletedKeys; readonly filter: string }) {
  const { clients } = useConnection();
  const { revision } = useRoute();
  const state = useCell(deleted.state);
  const [isAsking, setAsking] = useState(false);
  const wanted = filter.toLowerCase();
  const keys = state.keys.filter(({ key }) => wanted === "" || toDisplay(key).toLowerCase().includes(wanted));
  const restore = async (which: readonly DeletedKey[]): Promise<void> => {
    try {
      const deletions = which.map(({ key, revision: deletedAt }) => ({ keys: [key], revision: deletedAt }));
      toast({ tone: "success", ...putBackText(await putBack(clients, deletions)) });
    } catch (error) {
      toast({ tone: "danger", title: "Not put back", detail: errorText(error) });
    }
  };
  const canWrite = revision === undefined;
  return (
    <>
      {state.error !== undefined && <Banner tone="danger">{state.error.rawMessage}</Banner>}
      {keys.length === 0 ? (
        <Nothing state={state} />
      ) : (
        <DeletedList keys={keys} onRestore={canWrite ? (one) => void restore([one]) : undefined} />
      )}
      <div className="keys-footer">
        <span className="grow" role="status">
          {keys.length.toLocaleString("en")} of {state.keys.length.toLocaleString("en")}
          {state.isCut ? " or more" : ""} deleted keys{state.isReading ? ", reading…" : ""}
        </span>
        <Button small disabled={keys.length === 0 || !canWrite} onClick={() => setAsking(true)}>
          Restore all…
        </Button>
      </div>
      <Confirm
        open={isAsking}
        onClose={() => setAsking(false)}
        title={`Restore ${keys.length.toLocaleString("en")} deleted keys?`}
        verb="Restore"
        onConfirm={() => void restore(keys)}
      >
        Each is put as it was before it was deleted; one that somebody puts meanwhile is left alone. Versions and create
        revisions begin anew, and a lease that has ended stays ended.
      </Confirm>
    </>
  );
}

function Nothing({ state }: { readonly state: DeletedState }) {
  const connection = useConnection();
  const oldest = useCell(oldestOf(connection));
  if (state.isReading) return <EmptyState icon={<Spinner />} title="Reading the history…" />;
  return (
    <EmptyState
      icon={<Trash2 aria-hidden />}
      title={state.keys.length > 0 ? "None has this in its name" : "No deleted keys"}
    >
      {oldest > 1
        ? `What was deleted before revision ${oldest} has been compacted.`
        : "Keys that are deleted are kept here until the store is compacted."}
    </EmptyState>
  );
}

interface DeletedListProps {
  readonly keys: readonly DeletedKey[];
  readonly onRestore: ((one: DeletedKey) => void) | undefined;
}

function DeletedList({ keys, onRestore }: DeletedListProps) {
  const scroll = useVirtualScroll(keys.length, ROW_PX, 0);
  const { first, last, topPx, scroller, scrollHeightPx, viewportPx } = scroll;
  return (
    <div ref={scroller} className="keys-grid" onScroll={scroll.onScroll}>
      <div className="keys-body" style={{ height: scrollHeightPx }}>
        <ul
          className="keys-window keys-deleted"
          aria-label="Deleted keys"
          style={{ top: 0, height: Math.min(viewportPx, keys.length * ROW_PX) }}
        >
          {keys.slice(first, last).map((one, step) => (
            <li
              key={mapKey(one.key)}
              className="keys-deleted-row"
              aria-setsize={keys.length}
              aria-posinset={first + step + 1}
              style={{ "--top": `${(first + step) * ROW_PX - topPx}px` } as CSSProperties}
            >
              <button type="button" className="keys-deleted-key" onClick={() => go({ key: one.key, tab: "history" })}>
                <KeyText bytes={one.key} />
              </button>
              <span className="muted">at {one.revision}</span>
              {onRestore !== undefined && (
                <Button small icon={<ArchiveRestore aria-hidden />} onClick={() => onRestore(one)}>
                  Restore
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
