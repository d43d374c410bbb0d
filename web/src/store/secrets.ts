/** Passwords and tokens in the messages of Auth, which nothing that is shown, kept or copied may hold. */
import type { Message } from "@bufbuild/protobuf";

/** Stands for a secret; an empty one is none. */
export const MASK = "********";

const SECRET_FIELDS = ["password", "hashedPassword", "token"];

/** The message itself where it has no secrets, else a copy with MASK in their place. */
export function withoutSecrets<M extends Message>(message: M): M {
  const record = message as unknown as Record<string, unknown>;
  const held = SECRET_FIELDS.filter((field) => typeof record[field] === "string" && record[field] !== "");
  return held.length === 0 ? message : { ...message, ...Object.fromEntries(held.map((field) => [field, MASK])) };
}
