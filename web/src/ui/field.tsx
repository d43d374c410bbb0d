import { type HTMLInputTypeAttribute, type KeyboardEvent, type ReactNode, type Ref, useId } from "react";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string;
  /** Given the ID to put on the control, and the ID of what describes it. */
  readonly children: (id: string, describedBy: string | undefined) => ReactNode;
  /** The label is there for screen readers only. */
  readonly bare?: boolean;
}

/** A control with its label, hint and error. */
export function Field({ label, hint, error, children, bare }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id} className={bare ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      {children(id, note === undefined ? undefined : noteId)}
      {note !== undefined && (
        <div id={noteId} className={error === undefined ? "field-hint" : "field-error"} aria-live="polite">
          {note}
        </div>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, "children"> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: HTMLInputTypeAttribute;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly disabled?: boolean;
  readonly mono?: boolean;
  /** More than one line. */
  readonly rows?: number;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
}

export function TextField(props: TextFieldProps) {
  const {
    value,
    onChange,
    type = "text",
    placeholder,
    autoFocus,
    disabled,
    mono,
    rows,
    onKeyDown,
    inputRef,
    ...field
  } = props;
  const shared = {
    value,
    placeholder,
    disabled,
    onKeyDown,
    className: mono ? "input mono" : "input",
    spellCheck: false,
  };
  return (
    <Field {...field}>
      {(id, describedBy) =>
        rows === undefined ? (
          <input
            {...shared}
            id={id}
            ref={inputRef}
            type={type}
            aria-describedby={describedBy}
            aria-invalid={field.error !== undefined}
            // biome-ignore lint/a11y/noAutofocus: a dialog that asks for one thing starts there
            autoFocus={autoFocus}
            autoComplete="off"
            autoCapitalize="off"
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <textarea
            {...shared}
            id={id}
            rows={rows}
            aria-describedby={describedBy}
            aria-invalid={field.error !== undefined}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

interface SelectFieldProps<T extends string> extends Omit<FieldProps, "children"> {
  readonly value: T;
  readonly options: ReadonlyArray<{ readonly value: T; readonly label: string }>;
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
}

export function SelectField<T extends string>({ value, options, onChange, disabled, ...field }: SelectFieldProps<T>) {
  return (
    <Field {...field}>
      {(id, describedBy) => (
        <select
          id={id}
          className="input"
          value={value}
          disabled={disabled}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.target.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckboxFieldProps {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}

export function CheckboxField({ label, checked, onChange, disabled }: CheckboxFieldProps) {
  return (
    <label className="checkbox">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
