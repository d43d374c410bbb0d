import { etcdError } from "../../errors.ts";
import type { TokenProvider } from "./provider.ts";

/** No tokens at all: users are known by their certificates only. */
export const NO_TOKENS: TokenProvider = {
  find: () => undefined,
  assign() {
    throw etcdError("authFailed");
  },
  invalidateUser() {},
  clear() {},
};
