import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useId } from "react";
import { IconButton } from "./button.tsx";
import type { DialogProps } from "./dialog.tsx";

/** The dialog of dialog.tsx while it is open. */
export default function OpenDialog({ onClose, title, description, children, actions, wide }: DialogProps) {
  const describedBy = useId();
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
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
