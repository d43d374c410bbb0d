import { lazy, Suspense } from "react";
import { useCell } from "../ui/index.ts";
import { useAction } from "./actions.ts";
import { dismissToast, type Toast, toasts } from "./toasts.ts";

const ToastItems = lazy(() => import("./ToastItems.tsx"));

/** Toasts at the foot of the page, fetched with the first of them; ⌘Z takes back what the newest one offers to. */
export function ToastList() {
  const list = useCell(toasts);
  const undo = list.findLast(({ action }) => action?.label === "Undo");
  useAction(
    { id: "view.undo", title: "Undo", group: "Key", shortcut: "mod+z", run: () => undo !== undefined && act(undo) },
    undo !== undefined,
  );
  return <Suspense>{list.length > 0 && <ToastItems list={list} onAct={act} />}</Suspense>;
}

function act(one: Toast): void {
  dismissToast(one.id);
  one.action?.run();
}
