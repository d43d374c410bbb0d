import { type ReactNode, useState } from "react";
import { equalBytes, fromDisplay, toDisplay } from "../store/bytes.ts";
import { TextField } from "../ui/index.ts";

interface BytesFieldProps {
  readonly label: string;
  readonly value: Uint8Array;
  readonly onChange: (value: Uint8Array) => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

/** Bytes as text, `\xNN` for what is none. */
export function BytesField({ label, value, onChange, placeholder, disabled }: BytesFieldProps) {
  const [typed, setTyped] = useState(() => toDisplay(value));
  // What is typed may be on its way to an escape; only a value from elsewhere takes its place.
  const text = equalBytes(fromDisplay(typed), value) ? typed : toDisplay(value);
  return (
    <TextField
      bare
      mono
      label={label}
      value={text}
      placeholder={placeholder}
      disabled={disabled}
      onChange={(next) => {
        setTyped(next);
        onChange(fromDisplay(next));
      }}
    />
  );
}

interface IntegerFieldProps {
  readonly label: string;
  readonly value: bigint;
  readonly onChange: (value: bigint) => void;
  /** Leases are written in hexadecimal. */
  readonly isHex?: boolean;
  readonly bare?: boolean;
  readonly placeholder?: string;
}

const MAX = 2n ** 63n - 1n;

/** A number from 0 to 2⁶³ − 1; what is none cannot be typed. */
export function IntegerField({ label, value, onChange, isHex, bare, placeholder }: IntegerFieldProps) {
  const [isEmpty, setEmpty] = useState(value === 0n && placeholder !== undefined);
  return (
    <TextField
      mono
      bare={bare}
      label={label}
      placeholder={placeholder}
      value={isEmpty && value === 0n ? "" : value.toString(isHex ? 16 : 10)}
      onChange={(text) => {
        if (!(isHex ? /^[0-9a-fA-F]*$/ : /^[0-9]*$/).test(text)) return;
        const next = text === "" ? 0n : BigInt(isHex ? `0x${text}` : text);
        if (next > MAX) return;
        setEmpty(text === "");
        onChange(next);
      }}
    />
  );
}

/** Less often wanted fields, folded away. */
export function Options({ summary, children }: { readonly summary: string; readonly children: ReactNode }) {
  return (
    <details className="txn-options">
      <summary>{summary}</summary>
      <div className="txn-options-grid">{children}</div>
    </details>
  );
}
