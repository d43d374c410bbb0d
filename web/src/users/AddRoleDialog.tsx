import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { TextField } from "../ui/index.ts";
import { authOf } from "./auth.ts";

interface AddRoleDialogProps {
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

export function AddRoleDialog({ onDone, onClose }: AddRoleDialogProps) {
  const auth = authOf(useConnection());
  const [name, setName] = useState("");
  const act = async (): Promise<void> => {
    await auth.roleAdd({ name });
    await onDone(`The role ${name} was added`);
  };
  return (
    <ActDialog title="Add a role" verb="Add" ready={name !== ""} onClose={onClose} act={act}>
      {(failure) => (
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          hint="It permits nothing until permissions are granted to it."
          error={failure}
          autoFocus
        />
      )}
    </ActDialog>
  );
}
