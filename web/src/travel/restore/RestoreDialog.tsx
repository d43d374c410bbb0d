import { ConnectError } from "@connectrpc/connect";
import { useEffect, useState } from "react";
import { toast } from "../../app/toasts.ts";
import { Banner, Button, Dialog, KeyText, Spinner, TextField } from "../../ui/index.ts";
import { travelTo, useTravel } from "../useTravel.ts";
import { PlanView } from "./PlanView.tsx";
import type { RestoreOutcome } from "./run.ts";
import { type Restore, type RestorePhase, useRestore } from "./useRestore.ts";
import { openRestore, type RestoreWanted } from "./wanted.ts";

interface RestoreDialogProps {
  readonly wanted: RestoreWanted;
  readonly onClose: () => void;
}

/** Brings a prefix back to what it was: shows what that takes, does it, and says what came of it. */
export default function RestoreDialog({ wanted, onClose }: RestoreDialogProps) {
  const { prefix } = wanted;
  const { latest, oldest } = useTravel();
  const [revision, setRevision] = useState(wanted.revision);
  const restore = useRestore(prefix);
  const { phase } = restore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for a revision that was named beforehand
  useEffect(() => {
    if (wanted.revision !== undefined) restore.plan(wanted.revision);
  }, []);
  const close = (): void => {
    restore.cancel();
    if (phase.name === "done" || phase.name === "running") tellOutcome(phase, prefix);
    onClose();
  };
  const title = revision === undefined ? "Restore to an earlier revision" : `Restore to revision ${revision}`;
  return (
    <Dialog
      open
      wide
      onClose={close}
      title={title}
      description={
        <>
          {prefix.length === 0 ? "Every key" : "The keys that begin with "}
          {prefix.length > 0 && <KeyText bytes={prefix} />}{" "}
          {revision === undefined ? "" : `as of revision ${revision}.`}
        </>
      }
      actions={<Actions restore={restore} revision={revision} onClose={close} />}
    >
      {phase.name === "asking" && (
        <AskRevision
          oldest={oldest}
          latest={latest}
          onEnter={(entered) => {
            setRevision(entered);
            restore.plan(entered);
          }}
        />
      )}
      <PhaseView phase={phase} />
    </Dialog>
  );
}

interface AskRevisionProps {
  readonly oldest: number;
  readonly latest: number;
  readonly onEnter: (revision: number) => void;
}

function AskRevision({ oldest, latest, onEnter }: AskRevisionProps) {
  const [text, setText] = useState(String(Math.max(oldest, latest - 1)));
  const entered = Number(text);
  const isFitting = /^\d+$/.test(text) && entered >= oldest && entered <= latest;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isFitting) onEnter(entered);
      }}
    >
      <TextField
        label="Revision"
        value={text}
        onChange={setText}
        autoFocus
        mono
        hint={`From ${oldest} to ${latest}.`}
        error={isFitting ? undefined : `A revision from ${oldest} to ${latest}.`}
      />
      <div className="row">
        <Button tone="primary" type="submit" disabled={!isFitting}>
          Compare
        </Button>
      </div>
    </form>
  );
}

function PhaseView({ phase }: { readonly phase: RestorePhase }) {
  switch (phase.name) {
    case "asking":
      return null;
    case "planning":
      return (
        <p className="row" role="status">
          <Spinner label="Comparing" /> Comparing… {phase.compared.toLocaleString("en")} keys
        </p>
      );
    case "planned":
      return <PlanView plan={phase.plan} />;
    case "running":
      return <Progress done={phase.outcome.done} total={phase.total} conflicts={phase.outcome.conflicts.length} />;
    case "failed":
      return (
        <Banner tone="danger" title="The revision could not be compared">
          {ConnectError.from(phase.error).rawMessage}
        </Banner>
      );
    case "done":
      return <Outcome phase={phase} />;
  }
}

function Progress({
  done,
  total,
  conflicts,
}: {
  readonly done: number;
  readonly total: number;
  readonly conflicts: number;
}) {
  return (
    <div role="status" className="stack">
      <progress className="travel-progress" aria-label="Keys restored" value={done + conflicts} max={total} />
      {done.toLocaleString("en")} of {total.toLocaleString("en")} keys restored
      {conflicts > 0 && `, ${conflicts} changed meanwhile`}
    </div>
  );
}

const SHOWN_CONFLICTS = 200;

function Outcome({ phase }: { readonly phase: RestorePhase & { readonly name: "done" } }) {
  const { outcome, total, isCanceled, error } = phase;
  const { conflicts } = outcome;
  const done = `${outcome.done.toLocaleString("en")} of ${total.toLocaleString("en")} keys restored`;
  return (
    <>
      {error !== undefined && (
        <Banner tone="danger" title={`Stopped: ${done}`}>
          {ConnectError.from(error).rawMessage}
        </Banner>
      )}
      {error === undefined && (
        <Banner tone={isCanceled ? "warning" : "success"} title={isCanceled ? `Canceled: ${done}` : done} />
      )}
      {conflicts.length > 0 && (
        <Banner tone="warning" title={`${conflicts.length} not restored: changed since they were compared`}>
          <ul className="travel-keys">
            {conflicts.slice(0, SHOWN_CONFLICTS).map(({ step, modRevision }) => (
              <li key={step.key.toString()}>
                <KeyText bytes={step.key} />{" "}
                {modRevision === 0 ? "is gone" : `is at revision ${modRevision}, was at ${step.modRevision}`}
              </li>
            ))}
          </ul>
        </Banner>
      )}
    </>
  );
}

interface ActionsProps {
  readonly restore: Restore;
  readonly revision: number | undefined;
  readonly onClose: () => void;
}

function Actions({ restore, revision, onClose }: ActionsProps) {
  const { phase } = restore;
  if (phase.name === "running") return <Button onClick={restore.cancel}>Cancel after this txn</Button>;
  if (phase.name === "planned" && phase.plan.steps.length > 0 && revision !== undefined) {
    const count = phase.plan.steps.length;
    return (
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" onClick={() => restore.run(phase.plan.steps, revision)}>
          Restore {count.toLocaleString("en")} {count === 1 ? "key" : "keys"}
        </Button>
      </>
    );
  }
  if (phase.name !== "done" || revision === undefined) return <Button onClick={onClose}>Close</Button>;
  return (
    <>
      {phase.outcome.conflicts.length > 0 && (
        <Button onClick={() => restore.retryConflicts(revision)}>Restore these as well</Button>
      )}
      <Button
        tone="primary"
        onClick={() => {
          onClose();
          travelTo(undefined);
        }}
      >
        Show the keys as they are now
      </Button>
    </>
  );
}

/** The way back stays open for a while: it is a restore as well, and shows first what it would do. */
function tellOutcome({ outcome }: { readonly outcome: RestoreOutcome }, prefix: Uint8Array): void {
  const { done, beforeRevision } = outcome;
  if (beforeRevision === undefined) return;
  toast({
    tone: "success",
    title: `${done.toLocaleString("en")} ${done === 1 ? "key" : "keys"} restored`,
    detail: `Undo compares with revision ${beforeRevision} first.`,
    forMs: 20_000,
    action: { label: "Undo", run: () => openRestore(prefix, beforeRevision) },
  });
}
