/** A look at a server that does not answer as it should: what explain.ts needs to name the cause. */
import { otherScheme, type Probe } from "./explain.ts";

const PROBE_TIMEOUT_MS = 4_000;

export async function probeServer(url: string, signal?: AbortSignal): Promise<Probe> {
  let forbiddenByPage = false;
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    if (event.effectiveDirective === "connect-src") forbiddenByPage = true;
  };
  document.addEventListener("securitypolicyviolation", onViolation);
  try {
    const [reachable, answer, localNetworkDenied] = await Promise.all([
      answers(url, signal),
      readVersion(url, signal),
      isLocalNetworkDenied(),
    ]);
    const otherAnswers = reachable ? false : await answers(otherScheme(url), signal);
    return { reachable, otherScheme: otherAnswers, forbiddenByPage, localNetworkDenied, answer };
  } finally {
    document.removeEventListener("securitypolicyviolation", onViolation);
  }
}

/** Without CORS the page learns nothing of the answer but that there is one. */
async function answers(url: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await fetch(`${url}/version`, { mode: "no-cors", cache: "no-store", signal: timed(signal) });
    return true;
  } catch {
    return false;
  }
}

/** etcd answers GET /version to every page, whatever else it lets pages do. */
async function readVersion(url: string, signal?: AbortSignal): Promise<Probe["answer"]> {
  try {
    const response = await fetch(`${url}/version`, { cache: "no-store", signal: timed(signal) });
    const contentType = response.headers.get("content-type") ?? "";
    const { status } = response;
    if (!contentType.includes("json")) return { status, contentType };
    const { etcdserver } = (await response.json()) as { readonly etcdserver?: unknown };
    return typeof etcdserver === "string" ? { status, contentType, etcdVersion: etcdserver } : { status, contentType };
  } catch {
    return undefined;
  }
}

async function isLocalNetworkDenied(): Promise<boolean> {
  try {
    const name = "local-network-access" as PermissionName;
    return (await navigator.permissions.query({ name })).state === "denied";
  } catch {
    // A browser that knows of no such permission.
    return false;
  }
}

function timed(signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
