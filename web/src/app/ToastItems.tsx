import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { Button, IconButton } from "../ui/index.ts";
import { dismissToast, type Toast } from "./toasts.ts";

interface ToastItemsProps {
  readonly list: readonly Toast[];
  readonly onAct: (one: Toast) => void;
}

export default function ToastItems({ list, onAct }: ToastItemsProps) {
  return (
    <Radix.Provider swipeDirection="right">
      {list.map((one) => (
        <ToastItem key={one.id} one={one} onAct={() => onAct(one)} />
      ))}
      <Radix.Viewport className="toasts" />
    </Radix.Provider>
  );
}

function ToastItem({ one, onAct }: { readonly one: Toast; readonly onAct: () => void }) {
  return (
    <Radix.Root
      className={`toast toast-${one.tone}`}
      duration={one.forMs}
      type={one.tone === "danger" ? "foreground" : "background"}
      onOpenChange={(open) => !open && dismissToast(one.id)}
    >
      <div className="grow">
        <Radix.Title className="toast-title">{one.title}</Radix.Title>
        {one.detail !== undefined && <Radix.Description className="toast-detail">{one.detail}</Radix.Description>}
      </div>
      {one.action !== undefined && (
        <Radix.Action asChild altText={one.action.label}>
          <Button small onClick={onAct}>
            {one.action.label}
          </Button>
        </Radix.Action>
      )}
      <Radix.Close asChild>
        <IconButton label="Dismiss" small tip={false}>
          <X />
        </IconButton>
      </Radix.Close>
    </Radix.Root>
  );
}
