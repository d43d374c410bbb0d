/** CodeMirror as the page uses it: one set-up for reading and editing, coloured by the page's tokens. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Language } from "./views.ts";

interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly language: Language;
  /** Its accessible name. */
  readonly label: string;
  /** Undefined: to read only. */
  readonly onChange: ((text: string) => void) | undefined;
}

/** The text is only ever split at `\n`: a `\r` is a character like any other and comes out where it went in. */
export function createEditor({ parent, text, language, label, onChange }: EditorOptions): EditorView {
  const access = onChange === undefined ? readOnly : editing(onChange);
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of("\n"),
        lineNumbers(),
        highlightSpecialChars(),
        drawSelection(),
        EditorView.lineWrapping,
        indentUnit.of("  "),
        bracketMatching(),
        languages[language],
        syntaxHighlighting(highlight),
        search({ top: true }),
        theme,
        EditorView.contentAttributes.of({ "aria-label": label }),
        access,
        keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      ],
    }),
  });
}

/** Puts another text in place, touching only what differs, so that the reader's place is kept. */
export function replaceText(view: EditorView, text: string): void {
  const held = view.state.sliceDoc();
  if (held === text) return;
  let from = 0;
  while (from < held.length && from < text.length && held[from] === text[from]) from++;
  let tail = 0;
  const most = Math.min(held.length, text.length) - from;
  while (tail < most && held[held.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  view.dispatch({
    changes: { from, to: held.length - tail, insert: view.state.toText(text.slice(from, text.length - tail)) },
  });
}

export function find(view: EditorView): void {
  openSearchPanel(view);
}

const readOnly: Extension = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" }),
];

function editing(onChange: (text: string) => void): Extension {
  return [
    history(),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.sliceDoc());
    }),
  ];
}

const languages: Record<Language, Extension> = { json: json(), yaml: yaml(), text: [] };

const highlight = HighlightStyle.define([
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: "var(--code-number)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.labelName], color: "var(--code-name)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--ground)", color: "var(--text)", fontSize: "12px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-specialChar": { color: "var(--danger)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#b9d4fb, #2b4f86)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selected)", outline: "1px solid var(--accent)" },
  ".cm-panels": { backgroundColor: "var(--panel)", color: "var(--text)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "6px 8px", display: "flex", flexWrap: "wrap", gap: "4px", alignItems: "center" },
  ".cm-panel.cm-search br": { display: "none" },
  ".cm-panel.cm-search label": { fontSize: "12px" },
  ".cm-textfield": {
    backgroundColor: "var(--ground)",
    color: "var(--text)",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
    padding: "3px 6px",
    fontSize: "12px",
  },
  ".cm-button": {
    backgroundColor: "var(--raised)",
    backgroundImage: "none",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "4px",
    fontSize: "12px",
    padding: "2px 8px",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--text)", position: "static", padding: "0 6px" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-ground)", outline: "1px solid var(--warning)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--selected)", outline: "1px solid var(--accent)" },
});
