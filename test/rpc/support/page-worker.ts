import type { OpenOptions } from "../../../src/platform/browser/index.ts";

/** A page's worker: RULES_WORKER is the URL of its script, one file; without it is the source's, as Vite has it. */
export function pageWorker(): Pick<OpenOptions, "worker"> {
  const { RULES_WORKER: url } = (import.meta as unknown as { env: Readonly<Record<string, string | undefined>> }).env;
  return url === undefined ? {} : { worker: () => new Worker(url, { type: "module" }) };
}
