import { ConnectError } from "@connectrpc/connect";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Banner } from "./display.tsx";
import { TextField } from "./field.tsx";

interface ActDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What the button says. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly wide?: boolean;
  /** Whether all is there that it needs. Default true. */
  readonly ready?: boolean;
  /** What has to be typed first, for what cannot be taken back. */
  readonly typed?: string;
  readonly onClose: () => void;
  /** What fails is said where it was asked for, and the dialog stays. */
  readonly act: () => Promise<void>;
  /** As a function it says itself what failed, beside the field that caused it. */
  readonly children: ReactNode | ((failure: string | undefined) => ReactNode);
}

/** Asks for what an action needs, does it, and goes once it is done. */
export function ActDialog(props: ActDialogProps) {
  const { title, description, verb, danger, wide, ready = true, typed, onClose, act, children } = props;
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const isReady = ready && !isBusy && (typed === undefined || text === typed);
  const run = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    if (!isReady) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
      onClose();
    } catch (error) {
      setFailure(ConnectError.from(error).rawMessage);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={description}
      wide={wide}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone={danger ? "danger" : "primary"} disabled={!isReady} onClick={() => void run()}>
            {verb}
          </Button>
        </>
      }
    >
      {/* What is typed anew is about another attempt. */}
      <form onSubmit={(event) => void run(event)} onInput={() => setFailure(undefined)}>
        {typeof children === "function" ? children(failure) : children}
        {typed !== undefined && (
          <TextField label={`Type ${typed} to go on`} value={text} onChange={setText} autoFocus mono />
        )}
        <button type="submit" hidden>
          {verb}
        </button>
      </form>
      {typeof children !== "function" && failure !== undefined && <Banner tone="danger">{failure}</Banner>}
    </Dialog>
  );
}
