import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { shortcutKeys, useAction } from "../app/actions.ts";
import { toast } from "../app/toasts.ts";
import { Banner, Button, Kbd, SelectField, Spinner } from "../ui/index.ts";
import { detect, FORM_LABELS, FORMS, type Form, jsonError, type Language } from "../values/index.ts";
import { type Draft, draftBytes, inForm, isDirty } from "./drafts.ts";
import { LeaseField } from "./LeaseField.tsx";
import type { KeyRecord } from "./record.ts";
import type { Proposal } from "./SaveFlow.tsx";

const Editor = lazy(() => import("../values/Editor.tsx"));
const SaveFlow = lazy(() => import("./SaveFlow.tsx"));

interface ValueEditorProps {
  readonly keyBytes: Uint8Array;
  /** The key as it is now. */
  readonly record: KeyRecord | undefined;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft | undefined) => void;
  readonly refresh: () => Promise<void>;
}

/** A draft of the value: its form, its lease, and the way to saving it. */
export function ValueEditor({ keyBytes, record, draft, onDraft, refresh }: ValueEditorProps) {
  const [proposal, setProposal] = useState<Proposal>();
  const [error, setError] = useState<string>();
  const [isBadJson, setBadJson] = useState(false);
  const language = useMemo(() => languageOf(draft.form, draft.base), [draft.form, draft.base]);
  useDropUnchanged(draft, onDraft);
  const onSaved = useFinish(record, refresh, () => onDraft(undefined));
  const review = (anyText = false): void => {
    const parsed = draftBytes(draft);
    const wrong = "error" in parsed ? parsed.error : undefined;
    const badJson = language === "json" && !anyText ? jsonError(draft.text) : undefined;
    setError(wrong ?? badJson);
    setBadJson(badJson !== undefined);
    if ("bytes" in parsed && badJson === undefined) {
      setProposal({ key: keyBytes, value: parsed.bytes, base: draft.base, lease: draft.lease });
    }
  };
  const change = (next: Draft): void => {
    setError(undefined);
    onDraft(next);
  };
  useAction({ id: "key.save", title: "Save the value", group: "Key", shortcut: "mod+s", run: () => review() });
  useAction({ id: "key.discard", title: "Discard the draft", group: "Key", run: () => onDraft(undefined) });
  return (
    <>
      <EditorBar
        draft={draft}
        onChange={change}
        onError={setError}
        onDiscard={() => onDraft(undefined)}
        onSave={() => review()}
      />
      <Overtaken draft={draft} record={record} onDraft={onDraft} />
      {error !== undefined && <Unreadable error={error} onAnyText={isBadJson ? () => review(true) : undefined} />}
      <Suspense fallback={<Spinner label="Loading the editor" />}>
        <Editor
          key={draft.form}
          text={draft.text}
          language={language}
          label="Value, editing"
          onChange={(text) => change({ ...draft, text })}
          autoFocus
        />
        {proposal !== undefined && (
          <SaveFlow
            proposal={proposal}
            title={proposal.base === undefined ? "Create the key?" : "Save these changes?"}
            verb={proposal.base === undefined ? "Create" : "Save"}
            onSaved={onSaved}
            onClose={() => setProposal(undefined)}
            onTakeTheirs={() => onDraft(undefined)}
          />
        )}
      </Suspense>
    </>
  );
}

interface UnreadableProps {
  readonly error: string;
  /** Of what is whole but no JSON: saves it all the same. */
  readonly onAnyText: (() => void) | undefined;
}

function Unreadable({ error, onAnyText }: UnreadableProps) {
  return (
    <Banner
      tone="warning"
      title={onAnyText === undefined ? "This cannot be read" : "This is no JSON any more"}
      actions={
        onAnyText !== undefined && (
          <Button small onClick={onAnyText}>
            Save as text
          </Button>
        )
      }
    >
      {error}
    </Banner>
  );
}

/** What a draft is coloured and checked as: what its base was, so that a slip does not turn JSON into text. */
function languageOf(form: Form, base: KeyRecord | undefined): Language {
  if (form !== "text" || base === undefined) return "text";
  const { kind } = detect(base.value);
  return kind === "json" || kind === "yaml" ? kind : "text";
}

/** Ends the editing once the page has seen what was saved: what is done next goes on from that, not from before. */
function useFinish(record: KeyRecord | undefined, refresh: () => Promise<void>, end: () => void) {
  const [saved, setSaved] = useState<number>();
  const latest = useRef(end);
  latest.current = end;
  const isSeen = saved !== undefined && (record === undefined || record.modRevision >= saved);
  useEffect(() => {
    if (!isSeen) return;
    toast({ tone: "success", title: `Saved as revision ${saved}` });
    latest.current();
  }, [isSeen, saved]);
  return (revision: number): Promise<void> => {
    setSaved(revision);
    return refresh();
  };
}

/** A draft in which nothing was changed is none: it goes when the user goes elsewhere. */
function useDropUnchanged(draft: Draft, onDraft: (draft: undefined) => void): void {
  const latest = useRef({ draft, onDraft });
  latest.current = { draft, onDraft };
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    clearTimeout(leaving.current);
    return () => {
      // Not at once: React's strict mode leaves and comes back.
      leaving.current = setTimeout(() => {
        const { draft: held, onDraft: drop } = latest.current;
        if (!isDirty(held)) drop(undefined);
      }, 0);
    };
  }, []);
}

interface EditorBarProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onError: (error: string) => void;
  readonly onDiscard: () => void;
  readonly onSave: () => void;
}

function EditorBar({ draft, onChange, onError, onDiscard, onSave }: EditorBarProps) {
  const choose = (form: Form): void => {
    const next = inForm(draft, form);
    if (next !== undefined) onChange(next);
    else onError(form === "text" ? "These bytes are not UTF-8: there is no text of them." : "It is not whole yet.");
  };
  return (
    <div className="detail-bar">
      <SelectField
        label="Form"
        bare
        value={draft.form}
        options={FORMS.map((value) => ({ value, label: `As ${FORM_LABELS[value].toLowerCase()}` }))}
        onChange={choose}
      />
      <LeaseField
        bare
        choice={draft.lease}
        held={draft.base?.lease ?? 0n}
        onChange={(lease) => onChange({ ...draft, lease })}
      />
      <span className="grow" />
      <Button small onClick={onDiscard}>
        Discard
      </Button>
      <Button small tone="primary" onClick={onSave}>
        Save…
      </Button>
      <span className="detail-keys" aria-hidden>
        {shortcutKeys("mod+s").map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </div>
  );
}

interface OvertakenProps {
  readonly draft: Draft;
  readonly record: KeyRecord | undefined;
  readonly onDraft: (draft: Draft | undefined) => void;
}

/** Says that the key was changed under the editor. */
function Overtaken({ draft, record, onDraft }: OvertakenProps) {
  if (draft.base?.modRevision === record?.modRevision) return null;
  const what =
    record === undefined
      ? "The key was deleted while you edit it."
      : draft.base === undefined
        ? `Somebody made the key in revision ${record.modRevision}.`
        : `The key was changed in revision ${record.modRevision} while you edit revision ${draft.base.modRevision}.`;
  return (
    <Banner
      tone="warning"
      title={what}
      actions={
        <Button small onClick={() => onDraft(undefined)}>
          Discard mine
        </Button>
      }
    >
      Saving shows both and lets you choose; nothing is overwritten blindly.
    </Banner>
  );
}
