import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { CheckboxField, TextField } from "../ui/index.ts";
import { type AuthClient, authOf } from "./auth.ts";
import type { AuthBook, AuthState } from "./authbook.ts";
import { isWhole, NewPasswordFields, NO_PASSWORD } from "./newpassword.tsx";
import { notePassword } from "./passwords.ts";
import { ROOT_ROLE, ROOT_USER } from "./permissions.ts";

interface EnableDialogProps {
  readonly state: AuthState & { readonly kind: "all" };
  readonly book: AuthBook;
  readonly onClose: () => void;
}

/** Turns authentication on, with all that this needs, and signs in at once. */
export function EnableDialog({ state, book, onClose }: EnableDialogProps) {
  const connection = useConnection();
  const root = state.users.find(({ name }) => name === ROOT_USER);
  const [isNew, setNew] = useState(root === undefined);
  const [known, setKnown] = useState("");
  const [created, setCreated] = useState(NO_PASSWORD);
  const password = isNew ? created.first : known;
  const act = async (): Promise<void> => {
    const auth = authOf(connection);
    await prepareRoot(auth, state, isNew ? password : undefined);
    if (isNew) notePassword(connection, ROOT_USER, "password");
    // Until somebody is signed in every call is refused: that is no reason to ask.
    const enable = async (): Promise<string | undefined> => {
      await auth.authEnable({});
      return connection.signIn(ROOT_USER, password).then(
        () => undefined,
        (error: unknown) => ConnectError.from(error).rawMessage,
      );
    };
    const failure = await connection.session.signingIn(enable());
    await book.load();
    if (failure === undefined) toast({ tone: "success", title: "Authentication is on, and you are signed in as root" });
    else toast({ tone: "danger", title: "Authentication is on, but you are not signed in", detail: failure });
  };
  const hasRole = root?.roles.includes(ROOT_ROLE) === true;
  return (
    <ActDialog
      title="Turn authentication on?"
      verb="Turn on"
      ready={isNew ? isWhole(created) : known !== ""}
      onClose={onClose}
      act={act}
    >
      <ul className="users-account">
        <li>Every call then needs a user: clients that do not sign in are refused from then on.</li>
        <li>Only users with the role root see and change users, the cluster and its upkeep.</li>
        {root === undefined && <li>The user root is made, with the password that you choose here.</li>}
        {!hasRole && <li>The user root is granted the role root: authentication cannot do without.</li>}
        <li>This page signs in as root at once. Whoever knows root’s password can turn it off again.</li>
      </ul>
      {root !== undefined && <CheckboxField label="Give root a new password" checked={isNew} onChange={setNew} />}
      {isNew ? (
        <NewPasswordFields
          key="new"
          value={created}
          onChange={setCreated}
          label={root === undefined ? "Password of root" : "New password of root"}
          autoFocus
        />
      ) : (
        <TextField
          key="known"
          label="Password of root"
          type="password"
          value={known}
          onChange={setKnown}
          hint="It cannot be tried before: if you are not sure of it, give root a new one."
          autoFocus
        />
      )}
    </ActDialog>
  );
}

/** @param password undefined to leave it as it is */
async function prepareRoot(
  auth: AuthClient,
  { users, roles }: AuthState & { readonly kind: "all" },
  password: string | undefined,
): Promise<void> {
  const root = users.find(({ name }) => name === ROOT_USER);
  if (root === undefined) await auth.userAdd({ name: ROOT_USER, password });
  else if (password !== undefined) await auth.userChangePassword({ name: ROOT_USER, password });
  if (root?.roles.includes(ROOT_ROLE) === true) return;
  if (!roles.some(({ name }) => name === ROOT_ROLE)) await auth.roleAdd({ name: ROOT_ROLE });
  await auth.userGrantRole({ user: ROOT_USER, role: ROOT_ROLE });
}
