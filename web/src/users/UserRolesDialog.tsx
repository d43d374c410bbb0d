import { useState } from "react";
import { useConnection } from "../app/context.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { CheckboxField } from "../ui/index.ts";
import { authOf } from "./auth.ts";
import type { User } from "./authbook.ts";
import { ROOT_ROLE, type Role } from "./permissions.ts";

interface UserRolesDialogProps {
  readonly user: User;
  readonly roles: readonly Role[];
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Every role with a tick where the user has it; what has changed is granted and revoked one by one. */
export function UserRolesDialog({ user, roles, onDone, onClose }: UserRolesDialogProps) {
  const auth = authOf(useConnection());
  const [granted, setGranted] = useState<ReadonlySet<string>>(new Set(user.roles));
  const added = [...granted].filter((role) => !user.roles.includes(role));
  const removed = user.roles.filter((role) => !granted.has(role));
  const act = async (): Promise<void> => {
    for (const role of added) await auth.userGrantRole({ user: user.name, role });
    for (const role of removed) await auth.userRevokeRole({ name: user.name, role });
    await onDone(changeText(user.name, added, removed));
  };
  return (
    <ActDialog
      title={`Roles of ${user.name}`}
      verb="Save"
      ready={added.length + removed.length > 0}
      onClose={onClose}
      act={act}
    >
      <RoleChecks offered={rolesOffered(roles, user.roles)} granted={granted} onChange={setGranted} />
    </ActDialog>
  );
}

function changeText(user: string, added: readonly string[], removed: readonly string[]): string {
  const parts = [
    added.length > 0 ? `was granted ${added.join(", ")}` : "",
    removed.length > 0 ? `lost ${removed.join(", ")}` : "",
  ];
  return `${user} ${parts.filter(Boolean).join(" and ")}`;
}

/** The roles there are; `root` can be granted without being one of them. */
export function rolesOffered(roles: readonly Role[], held: readonly string[] = []): string[] {
  const names = [...roles.map(({ name }) => name), ...held].filter((name) => name !== ROOT_ROLE);
  return [...[...new Set(names)].sort(), ROOT_ROLE];
}

interface RoleChecksProps {
  readonly offered: readonly string[];
  readonly granted: ReadonlySet<string>;
  readonly onChange: (granted: ReadonlySet<string>) => void;
}

export function RoleChecks({ offered, granted, onChange }: RoleChecksProps) {
  const toggle = (role: string, isGranted: boolean): void => {
    const next = new Set(granted);
    if (isGranted) next.add(role);
    else next.delete(role);
    onChange(next);
  };
  return (
    <fieldset className="users-checks">
      <legend className="field-label">Roles</legend>
      {offered.map((role) => (
        <CheckboxField
          key={role}
          label={role === ROOT_ROLE ? "root: may do everything" : role}
          checked={granted.has(role)}
          onChange={(isGranted) => toggle(role, isGranted)}
        />
      ))}
    </fieldset>
  );
}
