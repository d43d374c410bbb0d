import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { CheckboxField, TextField } from "../ui/index.ts";
import { authOf } from "./auth.ts";
import { isWhole, NewPasswordFields, NO_PASSWORD } from "./newpassword.tsx";
import { notePassword } from "./passwords.ts";
import type { Role } from "./permissions.ts";
import { RoleChecks, rolesOffered } from "./UserRolesDialog.tsx";

interface AddUserDialogProps {
  readonly roles: readonly Role[];
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

export function AddUserDialog({ roles, onDone, onClose }: AddUserDialogProps) {
  const connection = useConnection();
  const [name, setName] = useState("");
  const [noPassword, setNoPassword] = useState(false);
  const [password, setPassword] = useState(NO_PASSWORD);
  const [granted, setGranted] = useState<ReadonlySet<string>>(new Set());
  const act = async (): Promise<void> => {
    const auth = authOf(connection);
    if (noPassword) await auth.userAdd({ name, options: { noPassword: true } });
    else await auth.userAdd({ name, password: password.first });
    notePassword(connection, name, noPassword ? "certificate" : "password");
    for (const role of granted) await auth.userGrantRole({ user: name, role });
    await onDone(`The user ${name} was added`);
  };
  return (
    <ActDialog
      title="Add a user"
      verb="Add"
      ready={name !== "" && (noPassword || isWhole(password))}
      onClose={onClose}
      act={act}
    >
      {(failure) => (
        <>
          <TextField label="Name" value={name} onChange={setName} error={failure} autoFocus />
          <CheckboxField
            label="No password: known by a client certificate of this common name only"
            checked={noPassword}
            onChange={setNoPassword}
          />
          {!noPassword && <NewPasswordFields value={password} onChange={setPassword} />}
          <RoleChecks offered={rolesOffered(roles)} granted={granted} onChange={setGranted} />
        </>
      )}
    </ActDialog>
  );
}
