import { useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { SelectField } from "./field.tsx";

interface PickDialogProps {
  readonly title: string;
  readonly label: string;
  readonly options: readonly string[];
  readonly onPick: (option: string, at: number) => void;
  readonly onClose: () => void;
}

/** Which of them, before what is to be done with it. */
export function PickDialog({ title, label, options, onPick, onClose }: PickDialogProps) {
  const [at, setAt] = useState("0");
  const pick = (): void => onPick(options[Number(at)] ?? "", Number(at));
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={options.length === 0} onClick={pick}>
            Next
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          pick();
        }}
      >
        <SelectField
          label={label}
          value={at}
          onChange={setAt}
          options={options.map((option, index) => ({ value: String(index), label: option }))}
        />
        <button type="submit" hidden>
          Next
        </button>
      </form>
    </Dialog>
  );
}
