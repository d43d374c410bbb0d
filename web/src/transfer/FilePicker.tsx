import { FileUp } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "../ui/index.ts";

interface Props {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onChoose: (file: File) => void;
}

/** A file, chosen or dropped. */
export function FilePicker({ label, disabled, onChoose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined && disabled !== true) onChoose(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same by keyboard
    <div
      className={over ? "transfer-drop transfer-drop-over" : "transfer-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Button icon={<FileUp />} disabled={disabled} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <span className="muted">or drop it here</span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file may be chosen again after it was changed.
          event.target.value = "";
          if (file !== undefined) onChoose(file);
        }}
      />
    </div>
  );
}
