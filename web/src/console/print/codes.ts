import { Code } from "@connectrpc/connect";

/** A status code as gRPC's Go library names it. */
export function codeToName(code: Code): string {
  return Code[code] ?? `Code(${code})`;
}
