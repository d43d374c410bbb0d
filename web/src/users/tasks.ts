import type { Permission } from "../../../src/gen/authpb/auth_pb.ts";

/** What is being done on the screen. Without a name it is asked for first: so it is when the palette begins it. */
export type Task =
  | { readonly kind: "enable" | "disable" | "add-user" | "add-role" }
  | { readonly kind: "password" | "roles" | "delete-user"; readonly user?: string }
  | { readonly kind: "delete-role"; readonly role?: string }
  /** A permission that is there already is changed. */
  | { readonly kind: "grant"; readonly role?: string; readonly permission?: Permission }
  /** From the palette: `grant` once it is known which. */
  | { readonly kind: "change"; readonly role?: string }
  | { readonly kind: "revoke"; readonly role?: string; readonly permission?: Permission };

export type OnTask = (task: Task) => void;
