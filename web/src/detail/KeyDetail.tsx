import { lazy, Suspense, useState } from "react";
import { DETAIL_TABS, type DetailTab, go, useRoute } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { NotLive } from "../live/index.ts";
import { toDisplay } from "../store/bytes.ts";
import { Banner, Button, Spinner, Tabs } from "../ui/index.ts";
import { KeyHeader } from "./KeyHeader.tsx";
import type { KeyRecord } from "./record.ts";
import { useKeyActions } from "./useKeyActions.ts";
import { type KeyState, useKeyRecord } from "./useKeyRecord.ts";
import { ValueTab } from "./ValueTab.tsx";
import "./detail.css";

const HistoryTab = lazy(() => import("./HistoryTab.tsx"));
const RawTab = lazy(() => import("./RawTab.tsx"));
const KeyNameDialog = lazy(() => import("./KeyNameDialog.tsx"));
const RestoreFlow = lazy(() => import("./RestoreFlow.tsx"));

const TAB_TITLES: Record<DetailTab, string> = { value: "Value", history: "History", raw: "Raw" };

interface KeyDetailProps {
  readonly keyBytes: Uint8Array;
  readonly revision: number | undefined;
}

/** What is open over the key. */
export type KeyDialog = "rename" | "clone" | "restore" | undefined;

/** One key: what it is, its value, its history. For another key it is mounted anew. */
export default function KeyDetail({ keyBytes, revision }: KeyDetailProps) {
  const { tab } = useRoute();
  const { state, refresh, notLive } = useKeyRecord(keyBytes, revision);
  const [dialog, setDialog] = useState<KeyDialog>();
  const record = state.phase === "ready" ? state.record : undefined;
  const actions = useKeyActions({ keyBytes, record, isPast: revision !== undefined, onDialog: setDialog });
  return (
    <article className="detail" aria-label={`Key ${toDisplay(keyBytes)}`}>
      <KeyHeader keyBytes={keyBytes} state={state} revision={revision} actions={actions} />
      {state.phase === "ready" && <NotLive what="This key" reason={notLive} />}
      <Tabs
        label="Key"
        value={tab}
        onChange={(next) => go({ tab: next }, { replace: true })}
        tabs={DETAIL_TABS.map((value) => ({ value, label: TAB_TITLES[value] }))}
      >
        <Suspense fallback={<Spinner />}>
          {tab === "value" && <ValuePanel keyBytes={keyBytes} state={state} revision={revision} refresh={refresh} />}
          {tab === "history" && <HistoryTab keyBytes={keyBytes} isPast={revision !== undefined} />}
          {tab === "raw" && <RawTab keyBytes={keyBytes} revision={revision} record={record} />}
        </Suspense>
      </Tabs>
      <Suspense>
        <Dialogs keyBytes={keyBytes} record={record} dialog={dialog} onClose={() => setDialog(undefined)} />
      </Suspense>
    </article>
  );
}

interface ValuePanelProps extends KeyDetailProps {
  readonly state: KeyState;
  readonly refresh: () => Promise<void>;
}

function ValuePanel({ keyBytes, state, revision, refresh }: ValuePanelProps) {
  if (state.phase === "loading") return <Spinner label="Reading the key" />;
  if (state.phase === "failed") {
    const { rawMessage } = state.error;
    const isCompacted = rawMessage.includes("has been compacted");
    return (
      <Banner
        tone={isCompacted ? "info" : "danger"}
        title={isCompacted ? `Revision ${revision} has been compacted` : "The key could not be read"}
        actions={
          <Button small onClick={isCompacted ? () => go({ revision: undefined }) : state.retry}>
            {isCompacted ? "Back to now" : "Try again"}
          </Button>
        }
      >
        {isCompacted ? "What was before the last compaction is gone." : rawMessage}
      </Banner>
    );
  }
  return (
    <ValueTab
      keyBytes={keyBytes}
      record={state.record}
      readAt={state.revision}
      isPast={revision !== undefined}
      refresh={refresh}
    />
  );
}

interface DialogsProps {
  readonly keyBytes: Uint8Array;
  readonly record: KeyRecord | undefined;
  readonly dialog: KeyDialog;
  readonly onClose: () => void;
}

function Dialogs({ keyBytes, record, dialog, onClose }: DialogsProps) {
  if (dialog === undefined || record === undefined) return null;
  if (dialog === "restore") {
    return (
      <RestoreFlow
        keyBytes={keyBytes}
        value={record.value}
        revision={record.modRevision}
        onClose={onClose}
        onSaved={() => go({ revision: undefined, tab: "value" })}
      />
    );
  }
  return (
    <KeyNameDialog
      mode={dialog}
      record={record}
      onClose={onClose}
      onDone={(key, text, undo) => {
        onClose();
        toast({ tone: "success", title: text, action: undo === undefined ? undefined : { label: "Undo", run: undo } });
        go({ key, tab: "value" });
      }}
    />
  );
}
