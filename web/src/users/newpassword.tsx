import { TextField } from "../ui/index.ts";

/** A password typed twice. */
export interface NewPassword {
  readonly first: string;
  readonly second: string;
}

export const NO_PASSWORD: NewPassword = { first: "", second: "" };

export function isWhole({ first, second }: NewPassword): boolean {
  return first !== "" && first === second;
}

interface NewPasswordFieldsProps {
  readonly value: NewPassword;
  readonly onChange: (value: NewPassword) => void;
  readonly label?: string;
  readonly autoFocus?: boolean;
}

export function NewPasswordFields({ value, onChange, label = "Password", autoFocus }: NewPasswordFieldsProps) {
  const { first, second } = value;
  return (
    <div className="users-fields">
      <TextField
        label={label}
        type="password"
        value={first}
        onChange={(next) => onChange({ ...value, first: next })}
        autoFocus={autoFocus}
      />
      <TextField
        label={`${label} again`}
        type="password"
        value={second}
        onChange={(next) => onChange({ ...value, second: next })}
        error={second !== "" && !first.startsWith(second) ? "Not the same" : undefined}
      />
    </div>
  );
}
