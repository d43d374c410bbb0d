import { Pencil, Trash2 } from "lucide-react";
import { type Permission, Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { mapKey } from "../store/bytes.ts";
import { ActionsHeading, Badge, IconButton } from "../ui/index.ts";
import type { Role } from "./permissions.ts";
import { RangeText, rangeWords } from "./ranges.tsx";
import type { OnTask } from "./tasks.ts";

export const ACCESS_LABELS: Record<Permission_Type, string> = {
  [Permission_Type.READ]: "read",
  [Permission_Type.WRITE]: "write",
  [Permission_Type.READWRITE]: "read and write",
};

/** What a role permits. */
export function PermissionTable({ role, onTask }: { readonly role: Role; readonly onTask: OnTask }) {
  if (role.permissions.length === 0) return <p className="muted">It permits nothing yet.</p>;
  return (
    <table className="table users-table">
      <caption className="visually-hidden">Permissions of the role {role.name}</caption>
      <thead>
        <tr>
          <th scope="col">Keys</th>
          <th scope="col">Access</th>
          <ActionsHeading />
        </tr>
      </thead>
      <tbody>
        {role.permissions.map((permission) => (
          <PermissionRow
            key={`${mapKey(permission.key)} ${mapKey(permission.rangeEnd)}`}
            role={role.name}
            permission={permission}
            onTask={onTask}
          />
        ))}
      </tbody>
    </table>
  );
}

interface PermissionRowProps {
  readonly role: string;
  readonly permission: Permission;
  readonly onTask: OnTask;
}

function PermissionRow({ role, permission, onTask }: PermissionRowProps) {
  const words = rangeWords(permission);
  return (
    <tr>
      <th scope="row">
        <RangeText range={permission} />
      </th>
      <td>
        <Badge tone={permission.permType === Permission_Type.READ ? "info" : "warning"}>
          {ACCESS_LABELS[permission.permType]}
        </Badge>
      </td>
      <td className="users-actions">
        <span className="row">
          <IconButton
            small
            label={`Change the permission on ${words}`}
            className="button-icon"
            onClick={() => onTask({ kind: "grant", role, permission })}
          >
            <Pencil />
          </IconButton>
          <IconButton
            small
            label={`Revoke the permission on ${words}`}
            className="button-icon"
            onClick={() => onTask({ kind: "revoke", role, permission })}
          >
            <Trash2 />
          </IconButton>
        </span>
      </td>
    </tr>
  );
}
