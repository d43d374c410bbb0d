import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { Banner, Button, Dialog, SelectField, Spinner } from "../ui/index.ts";
import { detect, FORM_LABELS, FORMS, type Form, fromForm, toForm, ValueView } from "../values/index.ts";
import { DiffView } from "./DiffView.tsx";
import type { Failure } from "./failure.ts";
import type { KeyRecord } from "./record.ts";

const Editor = lazy(() => import("../values/Editor.tsx"));

interface ConflictDialogProps {
  readonly mine: Uint8Array;
  /** What mine was made from; undefined where there was no key. */
  readonly base: KeyRecord | undefined;
  /** Undefined where the key was deleted. */
  readonly theirs: KeyRecord | undefined;
  readonly failure: Failure | undefined;
  readonly isSending: boolean;
  readonly onTheirs: () => void;
  /** Writes a value over theirs, guarded by theirs. */
  readonly onWrite: (value: Uint8Array) => void;
  readonly onClose: () => void;
}

/** Two wrote the same key: mine, base and theirs side by side, and the user says which, or what of each. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { mine, base, theirs, failure, isSending, onTheirs, onWrite, onClose } = props;
  const [isMerging, setMerging] = useState(false);
  const merge = useMerge(mine);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={theirs === undefined ? "The key was deleted meanwhile" : "The key was changed meanwhile"}
      description={
        theirs === undefined
          ? "Nothing was written. Your value can make the key anew."
          : `Nothing was written. The key is at revision ${theirs.modRevision} now${base === undefined ? "" : `; you began at ${base.modRevision}`}.`
      }
      actions={
        <>
          <Button onClick={onClose}>Back to editing</Button>
          <Button onClick={onTheirs}>{theirs === undefined ? "Leave it deleted" : "Take theirs"}</Button>
          {!isMerging && <Button onClick={() => setMerging(true)}>Edit a merge</Button>}
          {isMerging ? (
            <Button
              tone="primary"
              disabled={isSending || merge.bytes === undefined}
              onClick={() => merge.bytes !== undefined && onWrite(merge.bytes)}
            >
              Save the merge
            </Button>
          ) : (
            <Button tone="primary" disabled={isSending} onClick={() => onWrite(mine)}>
              Save mine
            </Button>
          )}
        </>
      }
    >
      {failure !== undefined && (
        <Banner tone="danger" title={failure.title}>
          {failure.detail}
        </Banner>
      )}
      <Columns mine={mine} base={base} theirs={theirs} />
      {isMerging && <MergeEditor merge={merge} theirs={theirs} />}
    </Dialog>
  );
}

const NO_VALUE = new Uint8Array();

function Columns({ mine, base, theirs }: Pick<ConflictDialogProps, "mine" | "base" | "theirs">) {
  const before = base?.value ?? NO_VALUE;
  return (
    <div className="detail-columns">
      <Column title="Mine">
        <DiffView before={before} after={mine} label="Mine compared with base" />
      </Column>
      <Column title={base === undefined ? "Base" : `Base, revision ${base.modRevision}`}>
        {base === undefined ? <p className="muted">There was no such key.</p> : <ValueView bytes={base.value} />}
      </Column>
      <Column title={theirs === undefined ? "Theirs" : `Theirs, revision ${theirs.modRevision}`}>
        {theirs === undefined ? (
          <p className="muted">Deleted.</p>
        ) : (
          <DiffView before={before} after={theirs.value} label="Theirs compared with base" />
        )}
      </Column>
    </div>
  );
}

function Column({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="detail-column" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

interface Merge {
  readonly text: string;
  readonly form: Form;
  readonly setText: (text: string) => void;
  readonly setForm: (form: Form) => void;
  readonly start: (bytes: Uint8Array) => void;
  /** Undefined while the text is not whole. */
  readonly bytes: Uint8Array | undefined;
  readonly error: string | undefined;
}

function useMerge(mine: Uint8Array): Merge {
  const [held, setHeld] = useState(() => formOf(mine));
  const parsed = useMemo(() => fromForm(held.text, held.form), [held]);
  const bytes = "bytes" in parsed ? parsed.bytes : undefined;
  return {
    ...held,
    setText: (text) => setHeld({ ...held, text }),
    setForm: (form) => {
      const text = bytes === undefined ? undefined : toForm(bytes, form);
      if (text !== undefined) setHeld({ form, text });
    },
    start: (from) => setHeld(formOf(from)),
    bytes,
    error: "error" in parsed ? parsed.error : undefined,
  };
}

function formOf(bytes: Uint8Array): { readonly form: Form; readonly text: string } {
  const { kind, text } = detect(bytes);
  return text === undefined || kind === "binary"
    ? { form: "hex", text: toForm(bytes, "hex") ?? "" }
    : { form: "text", text };
}

function MergeEditor({ merge, theirs }: { readonly merge: Merge; readonly theirs: KeyRecord | undefined }) {
  return (
    <div className="detail-merge">
      <div className="row row-wrap">
        <h3 className="grow">Merge</h3>
        {theirs !== undefined && (
          <Button small onClick={() => merge.start(theirs.value)}>
            Start from theirs
          </Button>
        )}
        <SelectField
          label="Form"
          bare
          value={merge.form}
          options={FORMS.map((value) => ({ value, label: FORM_LABELS[value] }))}
          onChange={merge.setForm}
        />
      </div>
      {merge.error !== undefined && <p className="field-error">{merge.error}</p>}
      <Suspense fallback={<Spinner />}>
        <Editor text={merge.text} language="text" label="Merge" onChange={merge.setText} autoFocus />
      </Suspense>
    </div>
  );
}
