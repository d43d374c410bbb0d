import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { PickDialog } from "../ui/pickdialog.tsx";
import { AddRoleDialog } from "./AddRoleDialog.tsx";
import { AddUserDialog } from "./AddUserDialog.tsx";
import { authOf } from "./auth.ts";
import type { AuthBook, AuthState } from "./authbook.ts";
import { DisableDialog } from "./DisableDialog.tsx";
import { EnableDialog } from "./EnableDialog.tsx";
import { PasswordDialog } from "./PasswordDialog.tsx";
import { PermissionDialog } from "./PermissionDialog.tsx";
import { notePassword } from "./passwords.ts";
import { rangeWords } from "./ranges.tsx";
import type { OnTask, Task } from "./tasks.ts";
import { UserRolesDialog } from "./UserRolesDialog.tsx";

interface TaskDialogsProps {
  readonly task: Task;
  readonly state: AuthState & { readonly kind: "all" };
  readonly book: AuthBook;
  readonly onTask: (task: Task | undefined) => void;
}

/** The dialog of what is being done. */
export function TaskDialogs({ task, state, book, onTask }: TaskDialogsProps) {
  const close = (): void => onTask(undefined);
  const done = async (title: string): Promise<void> => {
    toast({ tone: "success", title });
    await book.load();
  };
  switch (task.kind) {
    case "enable":
      return <EnableDialog state={state} book={book} onClose={close} />;
    case "disable":
      return <DisableDialog book={book} onClose={close} />;
    case "add-user":
      return <AddUserDialog roles={state.roles} onDone={done} onClose={close} />;
    case "add-role":
      return <AddRoleDialog onDone={done} onClose={close} />;
    case "password":
    case "roles":
    case "delete-user":
      return <UserTask task={task} state={state} onTask={onTask} onDone={done} onClose={close} />;
    case "delete-role":
    case "grant":
    case "change":
    case "revoke":
      return <RoleTask task={task} state={state} onTask={onTask} onDone={done} onClose={close} />;
  }
}

/** What the dialogs of one user or role have in common. */
interface OneTaskProps<T extends Task> {
  readonly task: T;
  readonly state: AuthState & { readonly kind: "all" };
  readonly onTask: OnTask;
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

type UserTaskKind = Task & { readonly kind: "password" | "roles" | "delete-user" };

const USER_TITLES = {
  password: "Change a user’s password",
  roles: "Grant and revoke a user’s roles",
  "delete-user": "Delete a user",
};

function UserTask({ task, state, onTask, onDone, onClose }: OneTaskProps<UserTaskKind>) {
  const user = state.users.find(({ name }) => name === task.user);
  if (user === undefined) {
    return (
      <PickDialog
        title={USER_TITLES[task.kind]}
        label="User"
        options={state.users.map(({ name }) => name)}
        onPick={(name) => onTask({ kind: task.kind, user: name })}
        onClose={onClose}
      />
    );
  }
  const { name } = user;
  switch (task.kind) {
    case "password":
      return <PasswordDialog user={name} onDone={onDone} onClose={onClose} />;
    case "roles":
      return <UserRolesDialog user={user} roles={state.roles} onDone={onDone} onClose={onClose} />;
    case "delete-user":
      return <DeleteUserDialog user={name} onDone={onDone} onClose={onClose} />;
  }
}

function DeleteUserDialog(props: {
  readonly user: string;
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const { user, onDone, onClose } = props;
  const connection = useConnection();
  const isSelf = user === connection.session.user.value;
  const act = async (): Promise<void> => {
    await authOf(connection).userDelete({ name: user });
    notePassword(connection, user, undefined);
    await onDone(`The user ${user} was deleted`);
  };
  return (
    <ActDialog title={`Delete the user ${user}?`} verb="Delete" danger onClose={onClose} act={act}>
      <p>
        {isSelf
          ? "It is you: the next call asks you to sign in as somebody else."
          : "Whoever is signed in as this user is refused from now on."}{" "}
        Keys and leases stay as they are.
      </p>
    </ActDialog>
  );
}

type RoleTaskKind = Task & { readonly kind: "delete-role" | "grant" | "change" | "revoke" };

const ROLE_TITLES = {
  "delete-role": "Delete a role",
  grant: "Grant a permission to a role",
  change: "Change a permission of a role",
  revoke: "Revoke a permission of a role",
};

function isOfPermission(kind: Task["kind"]): boolean {
  return kind === "change" || kind === "revoke";
}

function RoleTask({ task, state, onTask, onDone, onClose }: OneTaskProps<RoleTaskKind>) {
  const auth = authOf(useConnection());
  const role = state.roles.find(({ name }) => name === task.role);
  if (role === undefined) {
    const able = state.roles.filter(({ permissions }) => !isOfPermission(task.kind) || permissions.length > 0);
    return (
      <PickDialog
        title={ROLE_TITLES[task.kind]}
        label="Role"
        options={able.map(({ name }) => name)}
        onPick={(name) => onTask({ kind: task.kind, role: name })}
        onClose={onClose}
      />
    );
  }
  const { name, permissions } = role;
  if (task.kind === "grant") {
    return <PermissionDialog role={name} held={task.permission} onDone={onDone} onClose={onClose} />;
  }
  if (task.kind === "delete-role") {
    const users = state.users.filter(({ roles }) => roles.includes(name)).map((user) => user.name);
    const act = async (): Promise<void> => {
      await auth.roleDelete({ role: name });
      await onDone(`The role ${name} was deleted`);
    };
    return (
      <ActDialog title={`Delete the role ${name}?`} verb="Delete" danger onClose={onClose} act={act}>
        <p>
          {users.length === 0
            ? "No user has it."
            : `It is taken from ${users.slice(0, 10).join(", ")}${users.length > 10 ? ` and ${users.length - 10} more` : ""}, who may do no more what it alone permits.`}
        </p>
      </ActDialog>
    );
  }
  const permission = task.kind === "revoke" ? task.permission : undefined;
  if (permission === undefined) {
    const kind = task.kind === "revoke" ? "revoke" : "grant";
    return (
      <PickDialog
        key="permission"
        title={`${task.kind === "revoke" ? "Revoke" : "Change"} a permission of ${name}`}
        label="Permission"
        options={permissions.map(rangeWords)}
        onPick={(_, at) => onTask({ kind, role: name, permission: permissions[at] })}
        onClose={onClose}
      />
    );
  }
  const words = rangeWords(permission);
  const act = async (): Promise<void> => {
    await auth.roleRevokePermission({ role: name, key: permission.key, rangeEnd: permission.rangeEnd });
    await onDone(`The permission on ${words} was revoked`);
  };
  return (
    <ActDialog title={`Revoke a permission of ${name}?`} verb="Revoke" danger onClose={onClose} act={act}>
      <p>
        Users of the role {name} lose what it permits on {words}, unless another role permits it too.
      </p>
    </ActDialog>
  );
}
