import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { Button, IconButton, useCell } from "../ui/index.ts";
import { useAction } from "./actions.ts";
import { dismissToast, type Toast, toasts } from "./toasts.ts";

/** Toasts at the foot of the page; ⌘Z takes back what the newest one offers to. */
export function ToastList() {
  const list = useCell(toasts);
  const undo = list.findLast(({ action }) => action?.label === "Undo");
  useAction(
    { id: "view.undo", title: "Undo", group: "Key", shortcut: "mod+z", run: () => undo !== undefined && act(undo) },
    undo !== undefined,
  );
  return (
    <Radix.Provider swipeDirection="right">
      {list.map((one) => (
        <ToastItem key={one.id} one={one} />
      ))}
      <Radix.Viewport className="toasts" />
    </Radix.Provider>
  );
}

function ToastItem({ one }: { readonly one: Toast }) {
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
          <Button small onClick={() => act(one)}>
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

function act(one: Toast): void {
  dismissToast(one.id);
  one.action?.run();
}
