/** What is being edited, by key: kept while other keys are looked at, until it is saved or discarded. */
import { mapKey } from "../store/bytes.ts";
import { Cell } from "../ui/cell.ts";
import { type Form, fromForm, type Parsed, toForm } from "../values/forms.ts";
import type { KeyRecord } from "./record.ts";

export type LeaseChoice =
  | { readonly kind: "keep" }
  | { readonly kind: "none" }
  | { readonly kind: "lease"; readonly id: bigint }
  /** Granted when it is saved. */
  | { readonly kind: "new"; readonly ttlS: number };

export interface Draft {
  readonly form: Form;
  readonly text: string;
  /** The version that is edited; undefined for a key that is not there. */
  readonly base: KeyRecord | undefined;
  readonly lease: LeaseChoice;
}

export const drafts = new Cell<ReadonlyMap<string, Draft>>(new Map());

/** A draft's name: keys of two stores are two keys. */
export function draftId(connectionId: string, key: Uint8Array): string {
  return `${connectionId}\0${mapKey(key)}`;
}

export function setDraft(id: string, draft: Draft | undefined): void {
  drafts.update((held) => {
    const next = new Map(held);
    if (draft === undefined) next.delete(id);
    else next.set(id, draft);
    return next;
  });
}

/** A draft of a value as it is: text where it is text, else hex. */
export function newDraft(base: KeyRecord | undefined): Draft {
  const value = base?.value ?? new Uint8Array();
  const text = toForm(value, "text");
  // Control characters other than those of text files get lost in an editor.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const form: Form = text === undefined || /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/.test(text) ? "hex" : "text";
  return { form, text: toForm(value, form) ?? "", base, lease: { kind: "keep" } };
}

export function draftBytes(draft: Draft): Parsed {
  return fromForm(draft.text, draft.form);
}

/** The draft in another form; undefined where its text is not whole, or its bytes have no such form. */
export function inForm(draft: Draft, form: Form): Draft | undefined {
  const parsed = draftBytes(draft);
  const text = "bytes" in parsed ? toForm(parsed.bytes, form) : undefined;
  return text === undefined ? undefined : { ...draft, form, text };
}

export function isDirty(draft: Draft): boolean {
  return draft.lease.kind !== "keep" || draft.text !== toForm(draft.base?.value ?? new Uint8Array(), draft.form);
}

export function anyDirty(held: ReadonlyMap<string, Draft>): boolean {
  return [...held.values()].some(isDirty);
}
