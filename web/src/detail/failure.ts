import { Code, ConnectError } from "@connectrpc/connect";

export interface Failure {
  readonly title: string;
  readonly detail: string;
}

/** Why a write did not come about, and what to do: the draft is kept in any case. */
export function failureOf(error: unknown): Failure {
  const { code, rawMessage } = ConnectError.from(error);
  for (const [pattern, title, detail] of KNOWN) {
    if (pattern.test(rawMessage)) return { title, detail: `${detail} (${rawMessage})` };
  }
  if (code === Code.Unavailable || code === Code.DeadlineExceeded || code === Code.Unknown) {
    return {
      title: "The store did not answer",
      detail: `Whether it was saved is not known; saving again is safe: it is guarded. (${rawMessage})`,
    };
  }
  if (code === Code.PermissionDenied || code === Code.Unauthenticated) {
    return { title: "You may not write this key", detail: rawMessage };
  }
  return { title: "The store refused", detail: rawMessage };
}

const KNOWN: ReadonlyArray<readonly [RegExp, string, string]> = [
  [/request is too large|larger than max/, "The value is too large", "A request may have 1.5 MiB by default."],
  [
    /database space exceeded/,
    "The store is full",
    "It has reached its quota and takes deletes only. Compact, defragment and disarm the alarm.",
  ],
  [/too many requests/, "The store is busy", "Try again in a moment."],
  [/lease not found/, "The lease has ended", "Choose another one, or none."],
  [/corrupt cluster/, "The store has found itself corrupt", "It refuses all requests."],
];
