/**
 * Why a server cannot be used, in words: from the error of the call, from where the page stands, and from what
 * a probe found out. Browsers tell a page no more than "failed to fetch", so the probe is what tells causes apart:
 *
 *     page is https, server http and not this machine ──► mixed content
 *     a request without CORS fails ──► nothing listens, or TLS; asking the other scheme tells which
 *     it gets through, with CORS fails ──► the server does not let this page in
 *     with CORS too ──► what answers is no etcd, or an etcd that speaks only native gRPC
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { wantsSignIn } from "../store/refusal.ts";

export interface ServerEndpoint {
  readonly url: string;
  readonly protocol: "grpc-web" | "connect";
}

/** What a look at the server showed, see probe.ts. */
export interface Probe {
  /** Whether anything answers HTTP at the endpoint's address. */
  readonly reachable: boolean;
  /** Whether something answers at the same port by the other scheme. */
  readonly otherScheme: boolean;
  /** The page's own content security policy forbids the request. */
  readonly forbiddenByPage: boolean;
  /** The browser was told not to let this page into the local network. */
  readonly localNetworkDenied: boolean;
  /** Of GET /version; undefined where the page may not read it. */
  readonly answer: { readonly status: number; readonly contentType: string; readonly etcdVersion?: string } | undefined;
}

export type Cause =
  | "mixed-content"
  | "page-policy"
  | "local-network"
  | "cors"
  | "not-listening"
  | "wrong-scheme"
  | "tls"
  | "native-grpc-only"
  | "not-an-etcd"
  | "auth"
  | "timeout"
  | "other";

export interface Explanation {
  readonly cause: Cause;
  readonly title: string;
  /** What to do about it. */
  readonly detail: string;
  /** A command that puts it right, to copy. */
  readonly command?: string;
  /** An endpoint that would work better. */
  readonly tryUrl?: string;
  /** A page to open in another tab, where the browser says more. */
  readonly openUrl?: string;
}

/**
 * @param page the URL of the page
 * @param probe undefined while it is under way
 */
export function explainConnectionError(
  error: unknown,
  endpoint: ServerEndpoint,
  page: string,
  probe?: Probe,
): Explanation {
  const known = ConnectError.from(error);
  if (wantsSignIn(known)) return authNeeded(known);
  const refused = signInRefused(known);
  if (refused !== undefined) return { cause: "auth", title: "Not signed in", detail: refused };
  if (isNetworkError(known)) return explainNetwork(known, endpoint, page, probe);
  if (known.code === Code.DeadlineExceeded) {
    return {
      cause: "timeout",
      title: "The server did not answer in time",
      detail: "Something holds the connection open and says nothing: it may be overloaded, paused or no HTTP server.",
    };
  }
  return explainAnswer(known, endpoint, probe);
}

/** Whether the call failed below HTTP, or was not let through by the browser. */
function isNetworkError(error: ConnectError): boolean {
  return error.cause instanceof TypeError || /failed to fetch|networkerror|load failed/i.test(error.rawMessage);
}

/** Why there is no token, in words; undefined for what is no answer to a name and a password. */
export function signInRefused({ rawMessage }: ConnectError): string | undefined {
  if (/invalid user ID or password/.test(rawMessage)) return "The user’s name or the password is wrong.";
  if (/no password user/.test(rawMessage)) {
    return "This user has no password and is known by a client certificate only: a page cannot sign in as such a user.";
  }
  if (/authentication is not enabled/.test(rawMessage)) {
    return "Authentication is off: everybody may do everything, and there is nothing to sign in to.";
  }
  return undefined;
}

/** The way on for a call that was refused for want of a sign-in. */
export function authNeeded(error: ConnectError): Explanation {
  const isStale = !/user name is empty/.test(error.rawMessage);
  return {
    cause: "auth",
    title: isStale ? "The sign-in is no longer valid" : "This store wants a user and a password",
    detail: isStale
      ? "Its token has expired, or the users were changed: sign in again."
      : "Authentication is on, and nobody is signed in.",
  };
}

function explainNetwork(error: ConnectError, endpoint: ServerEndpoint, page: string, probe?: Probe): Explanation {
  const { url } = endpoint;
  if (isMixedContent(url, page)) {
    return {
      cause: "mixed-content",
      title: "A page over https may not call a server over http",
      detail:
        "Browsers block it, except for this machine (127.0.0.1, localhost). Serve the endpoint by https, or open this page over http.",
      tryUrl: otherScheme(url),
    };
  }
  if (probe === undefined) {
    return { cause: "other", title: `${hostOf(url)} cannot be reached`, detail: "Finding out why…" };
  }
  if (probe.forbiddenByPage) {
    return {
      cause: "page-policy",
      title: "This page is not allowed to call other servers",
      detail: `Its content security policy (connect-src) does not name ${originOf(url)}. Use a copy of the page that allows it.`,
    };
  }
  // A page of this machine is in the local network already.
  if (probe.localNetworkDenied && !isThisMachine(new URL(page).hostname)) {
    return {
      cause: "local-network",
      title: "The browser keeps this page out of the local network",
      detail: "Allow “local network access” for this page in the site settings, or open the page from this machine.",
    };
  }
  if (!probe.reachable) return explainSilence(url, probe);
  if (probe.answer?.etcdVersion !== undefined) return nativeOnly(probe.answer.etcdVersion);
  if (probe.answer !== undefined) return notEtcd(endpoint, probe.answer.status, probe.answer.contentType);
  return {
    cause: "cors",
    title: `${hostOf(url)} answers, but does not let this page in (CORS)`,
    detail: `The browser keeps its answer from pages of ${originOf(page)}. Start the server so that it allows this origin. (${error.rawMessage})`,
    command: `etcdlite --cors ${originOf(page)}`,
  };
}

/** Nothing came back at all. */
function explainSilence(url: string, probe: Probe): Explanation {
  const secure = url.startsWith("https:");
  if (probe.otherScheme && !secure) {
    return {
      cause: "wrong-scheme",
      title: `${hostOf(url)} speaks https, not http`,
      detail: "The port answers by TLS only.",
      tryUrl: otherScheme(url),
    };
  }
  if (secure) {
    return {
      cause: "tls",
      title: probe.otherScheme ? `${hostOf(url)} does not complete https` : `${hostOf(url)} cannot be reached by https`,
      detail: probe.otherScheme
        ? "The port answers, but not by https: it speaks plain http, or its certificate is not trusted by this browser. Open it in another tab to see which."
        : "Either its certificate is not trusted by this browser, or nothing listens there: browsers do not tell pages which. Open it in another tab to see.",
      openUrl: url,
      ...(probe.otherScheme ? { tryUrl: otherScheme(url) } : {}),
    };
  }
  return {
    cause: "not-listening",
    title: `Nothing answers at ${hostOf(url)}`,
    detail: "No server listens there, or the host or the port is wrong. etcd's usual port is 2379.",
    command: "npx etcdlite",
  };
}

/** What Connect says of an answer that is not in its protocols. */
const FOREIGN_ANSWER = /unsupported content type|missing trailer|premature|protocol error|invalid.*envelope/i;

/** HTTP worked; what came back was no etcd's reply. */
function explainAnswer(error: ConnectError, endpoint: ServerEndpoint, probe?: Probe): Explanation {
  const status = Number(/^HTTP (\d+)/.exec(error.rawMessage)?.[1] ?? 0);
  if (probe?.answer?.etcdVersion !== undefined) return nativeOnly(probe.answer.etcdVersion);
  if (status > 0 || FOREIGN_ANSWER.test(error.rawMessage)) {
    return notEtcd(endpoint, status || (probe?.answer?.status ?? 200), error.rawMessage);
  }
  return {
    cause: "other",
    title: "The server refuses to work",
    detail: `It says: ${error.rawMessage || error.message}.`,
  };
}

function nativeOnly(version: string): Explanation {
  return {
    cause: "native-grpc-only",
    title: `This is etcd ${version}, which speaks gRPC that browsers cannot`,
    detail:
      "A page needs gRPC-Web or Connect, which etcd itself does not serve. Put a gRPC-Web proxy (Envoy, for one) before it, or import its keys into a store here.",
  };
}

function notEtcd({ url, protocol }: ServerEndpoint, status: number, what: string): Explanation {
  return {
    cause: "not-an-etcd",
    title: `What answers at ${hostOf(url)} is no etcd`,
    detail: `It answered a ${protocol === "connect" ? "Connect" : "gRPC-Web"} call with HTTP ${status} (${what || "no content type"}). Check the port and the path, or try the other protocol.`,
  };
}

function isMixedContent(url: string, page: string): boolean {
  if (!page.startsWith("https:") || !url.startsWith("http:")) return false;
  return !isThisMachine(new URL(url).hostname);
}

/** Hosts that browsers trust without TLS. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

export function otherScheme(url: string): string {
  return url.startsWith("https:") ? url.replace("https:", "http:") : url.replace("http:", "https:");
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function originOf(url: string): string {
  return new URL(url).origin;
}
