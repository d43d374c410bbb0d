import { type KeyRange, kindOfRange, type RangeKind, rangeOfKind } from "../console/language/ranges.ts";
import { SelectField } from "../ui/index.ts";
import { BytesField } from "./fields.tsx";

const SCOPES: ReadonlyArray<{ readonly value: RangeKind; readonly label: string }> = [
  { value: "single", label: "this key" },
  { value: "prefix", label: "this prefix" },
  { value: "range", label: "range up to" },
  { value: "from", label: "this key and on" },
  { value: "all", label: "every key" },
];

interface RangeFieldsProps {
  /** What the fields belong to: `Then 1`. */
  readonly title: string;
  readonly value: KeyRange;
  readonly onChange: (range: KeyRange) => void;
}

/** A key, and whether it stands for more than itself. */
export function RangeFields({ title, value, onChange }: RangeFieldsProps) {
  const kind = kindOfRange(value);
  const typedKey = kind === "all" ? new Uint8Array() : value.key;
  const change = (next: RangeKind): void => {
    // A range needs an end that is no other kind's.
    const end = next === "range" ? Uint8Array.of(...typedKey, 0xff) : value.rangeEnd;
    const key = typedKey.length === 0 && (next === "prefix" || next === "from") ? Uint8Array.of(0x2f) : typedKey;
    onChange(rangeOfKind(next, key, end));
  };
  return (
    <>
      <BytesField
        label={`${title}: key`}
        value={typedKey}
        placeholder={kind === "all" ? "(every key)" : "key"}
        disabled={kind === "all"}
        onChange={(key) => onChange(rangeOfKind(kind, key, value.rangeEnd))}
      />
      <SelectField bare label={`${title}: scope`} value={kind} options={SCOPES} onChange={change} />
      {kind === "range" && (
        <BytesField
          label={`${title}: range end`}
          value={value.rangeEnd}
          placeholder="range end"
          onChange={(rangeEnd) => onChange({ key: value.key, rangeEnd })}
        />
      )}
    </>
  );
}
