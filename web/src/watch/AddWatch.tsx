import { useState } from "react";
import { useRoute } from "../app/route.ts";
import { compareBytes, fromDisplay, prefixRange, toDisplay } from "../store/bytes.ts";
import { Button, CheckboxField, Dialog, SelectField, TextField } from "../ui/index.ts";
import { useWatches } from "./context.ts";
import type { WatchSpec } from "./spec.ts";

type Mode = "prefix" | "key" | "range";

const MODES: ReadonlyArray<{ readonly value: Mode; readonly label: string }> = [
  { value: "prefix", label: "Keys with a prefix" },
  { value: "key", label: "One key" },
  { value: "range", label: "A range of keys" },
];

const KEY_LABELS: Record<Mode, string> = { prefix: "Prefix", key: "Key", range: "First key" };

interface Form {
  readonly mode: Mode;
  readonly key: string;
  readonly end: string;
  readonly revision: string;
  readonly prevKv: boolean;
}

/** Asks what to watch. */
export function AddWatch({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Add a watch">
      <AddWatchForm onClose={onClose} />
    </Dialog>
  );
}

function AddWatchForm({ onClose }: { readonly onClose: () => void }) {
  const watches = useWatches();
  const { query } = useRoute();
  const [form, setForm] = useState<Form>({
    mode: "prefix",
    key: toDisplay(query),
    end: "",
    revision: "",
    prevKv: true,
  });
  const change = (next: Partial<Form>): void => setForm((held) => ({ ...held, ...next }));
  const { mode, key, end, revision, prevKv } = form;
  const errors = errorsOf(form);
  const isReady = Object.values(errors).every((error) => error === undefined) && (mode !== "key" || key !== "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        watches.add(specOf(form));
        onClose();
      }}
    >
      <SelectField label="What to watch" value={mode} options={MODES} onChange={(next) => change({ mode: next })} />
      <TextField
        label={KEY_LABELS[mode]}
        value={key}
        onChange={(next) => change({ key: next })}
        hint={mode === "prefix" ? "Empty: every key. \\xNN is a byte." : "\\xNN is a byte."}
        autoFocus
        mono
      />
      {mode === "range" && (
        <TextField
          label="End of the range"
          value={end}
          onChange={(next) => change({ end: next })}
          hint="Not part of the range. Empty: up to the last key."
          error={errors.end}
          mono
        />
      )}
      <TextField
        label="From revision"
        value={revision}
        onChange={(next) => change({ revision: next })}
        hint="Empty: changes from now on."
        error={errors.revision}
      />
      <CheckboxField
        label="With the previous value (prev_kv)"
        checked={prevKv}
        onChange={(next) => change({ prevKv: next })}
      />
      <div className="row watch-form-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" type="submit" disabled={!isReady}>
          Watch
        </Button>
      </div>
    </form>
  );
}

function errorsOf({ mode, key, end, revision }: Form): { readonly revision?: string; readonly end?: string } {
  const number = Number(revision);
  return {
    revision:
      revision.trim() === "" || (Number.isSafeInteger(number) && number > 0)
        ? undefined
        : "A revision is a whole number above 0.",
    end:
      mode === "range" && end !== "" && compareBytes(fromDisplay(end), fromDisplay(key)) <= 0
        ? "The end must be after the first key."
        : undefined,
  };
}

function specOf({ mode, key, end, revision, prevKv }: Form): WatchSpec {
  const bytes = fromDisplay(key);
  const fromRevision = revision.trim() === "" ? undefined : Number(revision);
  const rest = { fromRevision, prevKv };
  if (mode === "prefix") return { ...prefixRange(bytes), ...rest };
  if (mode === "key") return { key: bytes, rangeEnd: new Uint8Array(), ...rest };
  return {
    key: bytes.length === 0 ? Uint8Array.of(0) : bytes,
    rangeEnd: end === "" ? Uint8Array.of(0) : fromDisplay(end),
    ...rest,
  };
}
