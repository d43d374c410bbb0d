import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { authOf } from "./auth.ts";
import type { AuthBook } from "./authbook.ts";

/** Turns authentication off, and drops the token, which means nothing then. */
export function DisableDialog({ book, onClose }: { readonly book: AuthBook; readonly onClose: () => void }) {
  const connection = useConnection();
  const act = async (): Promise<void> => {
    await authOf(connection).authDisable({});
    await book.load();
    toast({ tone: "success", title: "Authentication is off: everybody may do everything" });
  };
  return (
    <ActDialog title="Turn authentication off?" verb="Turn off" danger onClose={onClose} act={act}>
      <ul className="users-account">
        <li>Whoever reaches this store may then read, write and delete everything, without signing in.</li>
        <li>Users, passwords and roles stay as they are, and count again once authentication is on again.</li>
        <li>All tokens end with it; you are signed out.</li>
      </ul>
    </ActDialog>
  );
}
