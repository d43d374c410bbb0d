import { useAction } from "../app/actions.ts";
import type { AuthState } from "./authbook.ts";
import type { OnTask, Task } from "./tasks.ts";

/** All that can be done on the screen, in the palette. */
export function useUserActions(state: AuthState & { readonly kind: "all" }, onTask: OnTask): void {
  const { enabled, users, roles } = state;
  const hasUsers = users.length > 0;
  const hasRoles = roles.length > 0;
  const hasPermissions = roles.some(({ permissions }) => permissions.length > 0);
  useTask(onTask, "enable", "Turn authentication on…", !enabled);
  useTask(onTask, "disable", "Turn authentication off…", enabled);
  useTask(onTask, "add-user", "Add a user…");
  useTask(onTask, "password", "Change a user’s password…", hasUsers);
  useTask(onTask, "roles", "Grant and revoke a user’s roles…", hasUsers);
  useTask(onTask, "delete-user", "Delete a user…", hasUsers);
  useTask(onTask, "add-role", "Add a role…");
  useTask(onTask, "grant", "Grant a permission to a role…", hasRoles);
  useTask(onTask, "change", "Change a permission of a role…", hasPermissions);
  useTask(onTask, "revoke", "Revoke a permission of a role…", hasPermissions);
  useTask(onTask, "delete-role", "Delete a role…", hasRoles);
}

function useTask(onTask: OnTask, kind: Task["kind"], title: string, isOffered = true): void {
  useAction({ id: `users.${kind}`, title, group: "Users", run: () => onTask({ kind }) }, isOffered);
}
