import { TextField } from "../ui/index.ts";
import { ROW_KINDS, type RowFilter } from "./filter.ts";
import type { RowKind } from "./row.ts";

interface FilterBarProps {
  readonly filter: RowFilter;
  readonly onChange: (filter: RowFilter) => void;
}

/** What of the received events is shown. */
export function FilterBar({ filter, onChange }: FilterBarProps) {
  const toggle = (kind: RowKind): void => {
    const kinds = new Set(filter.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    onChange({ ...filter, kinds });
  };
  return (
    <fieldset className="watch-filter">
      <legend className="visually-hidden">Filter of the received events</legend>
      <TextField
        bare
        label="Key prefix"
        placeholder="Key prefix"
        value={filter.prefix}
        onChange={(prefix) => onChange({ ...filter, prefix })}
        mono
      />
      <TextField
        bare
        label="Text in key or value"
        placeholder="Text in key or value"
        value={filter.text}
        onChange={(text) => onChange({ ...filter, text })}
      />
      <span className="watch-kinds">
        {ROW_KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            className="button button-plain button-small"
            aria-pressed={filter.kinds.has(kind)}
            onClick={() => toggle(kind)}
          >
            {kind}
          </button>
        ))}
      </span>
    </fieldset>
  );
}
