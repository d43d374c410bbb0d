import { ListFilter, Plus, Settings2 } from "lucide-react";
import { type Ref, useState } from "react";
import { actions } from "../app/actions.ts";
import { KEY_COLUMNS, type KeyColumn, preferences, setPreferences } from "../app/preferences.ts";
import { Button, Dialog, IconButton, Menu, TextField, useCell } from "../ui/index.ts";
import { COLUMN_LABELS } from "./grid/columns.ts";

export type KeysView = "tree" | "flat" | "deleted";

const VIEWS: ReadonlyArray<{ readonly value: KeysView; readonly label: string }> = [
  { value: "tree", label: "Tree" },
  { value: "flat", label: "Flat" },
  { value: "deleted", label: "Deleted" },
];

interface ToolbarProps {
  readonly view: KeysView;
  readonly onView: (view: KeysView) => void;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly filterRef: Ref<HTMLInputElement>;
  readonly onRefresh: () => void;
}

/** How the keys are shown, and the filter on those that are loaded. */
export function Toolbar({ view, onView, filter, onFilter, filterRef, onRefresh }: ToolbarProps) {
  return (
    <div className="keys-toolbar">
      <label className="keys-filter">
        <span className="keys-label">Filter what is loaded</span>
        <span className="keys-filter-box">
          <ListFilter aria-hidden />
          <input
            ref={filterRef}
            className="input"
            placeholder="Part of a key"
            autoComplete="off"
            spellCheck={false}
            value={filter}
            onChange={(event) => onFilter(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && onFilter("")}
          />
        </span>
      </label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame of its own */}
      <div className="keys-views" role="group" aria-label="Show as">
        {VIEWS.map(({ value, label }) => (
          <Button key={value} small aria-pressed={view === value} onClick={() => onView(value)}>
            {label}
          </Button>
        ))}
      </div>
      <AddKey />
      <ListOptions onRefresh={onRefresh} />
    </div>
  );
}

function AddKey() {
  const make = useCell(actions).findLast(({ id }) => id === "key.new");
  return (
    <IconButton label="Add a key" disabled={make === undefined} onClick={() => make?.run()}>
      <Plus />
    </IconButton>
  );
}

function ListOptions({ onRefresh }: { readonly onRefresh: () => void }) {
  const { columns, delimiter } = useCell(preferences);
  const [isAsking, setAsking] = useState(false);
  const toggle = (column: KeyColumn): void => {
    const others = columns.filter((one) => one !== column);
    setPreferences({ columns: columns.includes(column) ? others : [...others, column] });
  };
  return (
    <>
      <Menu
        trigger={
          <IconButton label="Columns and list options">
            <Settings2 />
          </IconButton>
        }
        items={[
          ...KEY_COLUMNS.map((column) => ({
            label: `Column: ${COLUMN_LABELS[column]}`,
            checked: columns.includes(column),
            onSelect: () => toggle(column),
          })),
          "separator",
          { label: `Delimiter: ${delimiter === "" ? "none" : delimiter}…`, onSelect: () => setAsking(true) },
          { label: "Reload", onSelect: onRefresh },
        ]}
      />
      {isAsking && <DelimiterDialog delimiter={delimiter} onClose={() => setAsking(false)} />}
    </>
  );
}

function DelimiterDialog({ delimiter, onClose }: { readonly delimiter: string; readonly onClose: () => void }) {
  const [text, setText] = useState(delimiter);
  const save = (): void => {
    setPreferences({ delimiter: text });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Delimiter"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" onClick={save}>
            Use it
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label="What ends a folder’s name"
          hint="One byte or several; \x00 and the like for bytes that are no text. Empty: no folders."
          value={text}
          onChange={setText}
          autoFocus
          mono
        />
      </form>
    </Dialog>
  );
}
