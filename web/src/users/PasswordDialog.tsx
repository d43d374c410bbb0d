import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { authOf } from "./auth.ts";
import { isWhole, NewPasswordFields, NO_PASSWORD } from "./newpassword.tsx";
import { notePassword, passwordsOf } from "./passwords.ts";

interface PasswordDialogProps {
  readonly user: string;
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

export function PasswordDialog({ user, onDone, onClose }: PasswordDialogProps) {
  const connection = useConnection();
  const [password, setPassword] = useState(NO_PASSWORD);
  const isSelf = user === connection.session.user.value;
  const isCertificate = passwordsOf(connection).value.get(user) === "certificate";
  const act = async (): Promise<void> => {
    // The change takes the token along, which is no news to whom made it.
    const change = async (): Promise<void> => {
      await authOf(connection).userChangePassword({ name: user, password: password.first });
      if (isSelf) await connection.signIn(user, password.first);
    };
    await connection.session.signingIn(change());
    if (!isCertificate) notePassword(connection, user, "password");
    await onDone(`The password of ${user} was changed`);
  };
  return (
    <ActDialog
      title={`Change the password of ${user}`}
      verb="Change"
      ready={isWhole(password)}
      onClose={onClose}
      act={act}
    >
      <NewPasswordFields value={password} onChange={setPassword} label="New password" autoFocus />
      <p className="muted">
        {isSelf
          ? "It is you: the page signs in anew with it. Whoever else is signed in as you is asked for it."
          : "Whoever is signed in as this user is asked for it with the next call."}
        {isCertificate && " A user without a password stays so: etcd takes none for such a user."}
      </p>
    </ActDialog>
  );
}
