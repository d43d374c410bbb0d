import { ChevronDown, ChevronRight, EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";
import { Badge, Button, IconButton, Menu } from "../ui/index.ts";
import type { AuthState } from "./authbook.ts";
import { PermissionTable } from "./PermissionTable.tsx";
import { ROOT_ROLE, type Role } from "./permissions.ts";
import type { OnTask } from "./tasks.ts";

/** A role of so many is shown with them unless it is closed. */
const SHOWN_PERMISSIONS = 5;

interface RolesCardProps {
  readonly state: AuthState & { readonly kind: "all" };
  readonly onTask: OnTask;
}

export function RolesCard({ state, onTask }: RolesCardProps) {
  const { roles, users } = state;
  return (
    <section className="card" aria-label="Roles">
      <div className="row">
        <h2 className="grow">Roles{roles.length > 0 && ` (${roles.length.toLocaleString("en")})`}</h2>
        <Button icon={<Plus aria-hidden />} onClick={() => onTask({ kind: "add-role" })}>
          Add a role
        </Button>
      </div>
      {roles.length === 0 && (
        <p className="muted">
          None. A role permits to read or write some of the keys, and is granted to users. The role root, which may do
          everything, is there without being made.
        </p>
      )}
      <ul className="users-roles">
        {roles.map((role) => (
          <RoleItem
            key={role.name}
            role={role}
            userCount={users.filter(({ roles: held }) => held.includes(role.name)).length}
            onTask={onTask}
          />
        ))}
      </ul>
    </section>
  );
}

interface RoleItemProps {
  readonly role: Role;
  readonly userCount: number;
  readonly onTask: OnTask;
}

function RoleItem({ role, userCount, onTask }: RoleItemProps) {
  const { name, permissions } = role;
  const [chosen, setOpen] = useState<boolean>();
  const isOpen = chosen ?? (name !== ROOT_ROLE && permissions.length <= SHOWN_PERMISSIONS);
  const isRoot = name === ROOT_ROLE;
  return (
    <li aria-label={`Role ${name}`}>
      <div className="users-role">
        <IconButton
          small
          className="button-icon"
          label={isOpen ? `Hide the permissions of ${name}` : `Show the permissions of ${name}`}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <ChevronDown /> : <ChevronRight />}
        </IconButton>
        <strong className="users-name">{name}</strong>
        <span className="users-badges grow">
          <Badge>{isRoot ? "everything" : countText(permissions.length, "permission")}</Badge>
          <Badge>{countText(userCount, "user")}</Badge>
        </span>
        <Menu
          trigger={
            <IconButton small label={`Actions for the role ${name}`} tip={false}>
              <EllipsisVertical />
            </IconButton>
          }
          items={[
            { label: "Grant a permission…", onSelect: () => onTask({ kind: "grant", role: name }) },
            "separator",
            { label: "Delete…", danger: true, onSelect: () => onTask({ kind: "delete-role", role: name }) },
          ]}
        />
      </div>
      {isOpen &&
        (isRoot ? (
          <p className="muted users-role-body">
            Permits to read and write all keys, and to do everything that is not about keys. It needs no permissions.
          </p>
        ) : (
          <div className="users-role-body">
            <PermissionTable role={role} onTask={onTask} />
            <div className="row">
              <Button small icon={<Plus aria-hidden />} onClick={() => onTask({ kind: "grant", role: name })}>
                Grant a permission
              </Button>
            </div>
          </div>
        ))}
    </li>
  );
}

function countText(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
