import { lazy, Suspense } from "react";
import { useCell } from "../ui/index.ts";
import { askedPrefix } from "./useDeletion.ts";

const DeletePrefixDialog = lazy(() => import("./DeletePrefixDialog.tsx"));

/** The dialogs that useDeletion opens; once on the page. */
export function DeletionDialogs() {
  const prefix = useCell(askedPrefix);
  if (prefix === undefined) return null;
  return (
    <Suspense>
      <DeletePrefixDialog prefix={prefix} onClose={() => askedPrefix.set(undefined)} />
    </Suspense>
  );
}
