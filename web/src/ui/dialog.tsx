import { lazy, type ReactNode, Suspense, useState } from "react";
import { Button } from "./button.tsx";
import { TextField } from "./field.tsx";

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons at its foot. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

const OpenDialog = lazy(() => import("./opendialog.tsx"));

/** A window over the page, which waits for it. What opens it is fetched with the first one. */
export function Dialog(props: DialogProps) {
  return <Suspense>{props.open && <OpenDialog {...props} />}</Suspense>;
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
