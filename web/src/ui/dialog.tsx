import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useId, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { TextField } from "./field.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons at its foot. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

export function Dialog({ open, onClose, title, description, children, actions, wide }: DialogProps) {
  const describedBy = useId();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className={wide ? "dialog dialog-wide" : "dialog"}
          aria-describedby={description === undefined ? undefined : describedBy}
        >
          <div className="dialog-head">
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close" tip={false}>
                <X />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="dialog-body">
            {description !== undefined && (
              <div id={describedBy} className="dialog-description">
                {description}
              </div>
            )}
            {children}
          </div>
          {actions !== undefined && <div className="dialog-actions">{actions}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What the button says: the verb. */
  readonly verb: string;
  readonly danger?: boolean;
  /** What has to be typed first, for what cannot be taken back. */
  readonly typed?: string;
  readonly onConfirm: () => void;
}

/** Asks before something large or final. */
export function Confirm({ open, onClose, title, children, verb, danger, typed, onConfirm }: ConfirmProps) {
  const [text, setText] = useState("");
  const ready = typed === undefined || text === typed;
  const confirm = (): void => {
    if (!ready) return;
    setText("");
    onClose();
    onConfirm();
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone={danger ? "danger" : "primary"} disabled={!ready} onClick={confirm}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm();
        }}
      >
        {children}
        {typed !== undefined && (
          <TextField label={`Type ${typed} to go on`} value={text} onChange={setText} autoFocus mono />
        )}
      </form>
    </Dialog>
  );
}
