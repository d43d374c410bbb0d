import type { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useAction } from "../app/actions.ts";
import { createEditor, find, replaceText } from "./codemirror.ts";
import type { Language } from "./views.ts";
import "./values.css";

interface EditorProps {
  readonly text: string;
  readonly language: Language;
  readonly label: string;
  /** Undefined: to read only. */
  readonly onChange?: (text: string) => void;
  readonly autoFocus?: boolean;
}

/** A text to read or to edit, with its own search. The text is kept as it is, line ends included. */
export default function Editor({ text, language, label, onChange, autoFocus }: EditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useRef(onChange);
  changed.current = onChange;
  const first = useRef(text);
  first.current = text;
  const editable = onChange !== undefined;
  useEffect(() => {
    if (parent.current === null) return;
    const onText = editable ? (next: string) => changed.current?.(next) : undefined;
    const made = createEditor({ parent: parent.current, text: first.current, language, label, onChange: onText });
    view.current = made;
    if (autoFocus) made.focus();
    return () => {
      view.current = undefined;
      made.destroy();
    };
  }, [language, label, editable, autoFocus]);
  useEffect(() => {
    if (view.current !== undefined) replaceText(view.current, text);
  }, [text]);
  useAction({
    id: "value.find",
    title: "Find in value",
    group: "Key",
    shortcut: "mod+f",
    run: () => view.current !== undefined && find(view.current),
  });
  return <div className="values-editor" ref={parent} />;
}
