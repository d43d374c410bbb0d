import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { type Cause, explainConnectionError, isThisMachine, type Probe } from "../../../web/src/connect/explain.ts";
import { wantsSignIn } from "../../../web/src/store/refusal.ts";

const HTTP_PAGE = "http://pages.example/etcd/?c=x";
const HTTPS_PAGE = "https://pages.example/etcd/";
const SERVER = { url: "http://db.example:2379", protocol: "grpc-web" } as const;
const SECURE = { url: "https://db.example:2379", protocol: "grpc-web" } as const;
const LOCAL = { url: "http://127.0.0.1:2379", protocol: "connect" } as const;

const failedFetch = ConnectError.from(new TypeError("Failed to fetch"));
const SILENT: Probe = {
  reachable: false,
  otherScheme: false,
  forbiddenByPage: false,
  localNetworkDenied: false,
  answer: undefined,
};
const REAL_ETCD: Probe = {
  ...SILENT,
  reachable: true,
  answer: { status: 200, contentType: "application/json", etcdVersion: "3.7.1" },
};
const WEB_SERVER: Probe = { ...SILENT, reachable: true, answer: { status: 200, contentType: "text/html" } };

type Case = [
  cause: Cause,
  error: ConnectError,
  server: typeof SERVER | typeof SECURE | typeof LOCAL,
  page: string,
  probe?: Probe,
];

const CASES: Record<string, Case> = {
  "an https page and an http server": ["mixed-content", failedFetch, SERVER, HTTPS_PAGE, SILENT],
  "an https page and an http server, before the probe": ["mixed-content", failedFetch, SERVER, HTTPS_PAGE],
  "an https page and this machine": ["not-listening", failedFetch, LOCAL, HTTPS_PAGE, SILENT],
  "nothing found out yet": ["other", failedFetch, SERVER, HTTP_PAGE],
  "nothing there": ["not-listening", failedFetch, SERVER, HTTP_PAGE, SILENT],
  "an http URL of a TLS port": ["wrong-scheme", failedFetch, SERVER, HTTP_PAGE, { ...SILENT, otherScheme: true }],
  "https that fails": ["tls", failedFetch, SECURE, HTTP_PAGE, SILENT],
  "https that fails where http answers": ["tls", failedFetch, SECURE, HTTP_PAGE, { ...SILENT, otherScheme: true }],
  "an answer that the page may not read": ["cors", failedFetch, SERVER, HTTP_PAGE, { ...SILENT, reachable: true }],
  "a page with a policy of its own": [
    "page-policy",
    failedFetch,
    SERVER,
    HTTP_PAGE,
    { ...SILENT, forbiddenByPage: true },
  ],
  "no way into the local network": [
    "local-network",
    failedFetch,
    LOCAL,
    HTTPS_PAGE,
    { ...SILENT, localNetworkDenied: true },
  ],
  "an etcd that refuses the preflight": ["native-grpc-only", failedFetch, SERVER, HTTP_PAGE, REAL_ETCD],
  "an etcd that answers 404": [
    "native-grpc-only",
    new ConnectError("HTTP 404", Code.Unimplemented),
    SERVER,
    HTTP_PAGE,
    REAL_ETCD,
  ],
  "a web server that refuses the preflight": ["not-an-etcd", failedFetch, SERVER, HTTP_PAGE, WEB_SERVER],
  "a web server that answers 404": [
    "not-an-etcd",
    new ConnectError("HTTP 404", Code.Unimplemented),
    SERVER,
    HTTP_PAGE,
    WEB_SERVER,
  ],
  "a page in HTML": ["not-an-etcd", new ConnectError("missing trailer", Code.Internal), SERVER, HTTP_PAGE, WEB_SERVER],
  "HTML to a Connect call": [
    "not-an-etcd",
    new ConnectError("unsupported content type text/html", Code.Unknown),
    LOCAL,
    HTTP_PAGE,
  ],
  "no answer in time": [
    "timeout",
    new ConnectError("the operation timed out", Code.DeadlineExceeded),
    SERVER,
    HTTP_PAGE,
  ],
  "a user is wanted": [
    "auth",
    new ConnectError("etcdserver: user name is empty", Code.InvalidArgument),
    SERVER,
    HTTP_PAGE,
  ],
  "a token that has expired": [
    "auth",
    new ConnectError("etcdserver: invalid auth token", Code.Unauthenticated),
    SERVER,
    HTTP_PAGE,
  ],
  "an error of etcd's own": ["other", new ConnectError("etcdserver: no leader", Code.Unavailable), SERVER, HTTP_PAGE],
};

test.for(Object.entries(CASES))("%s", ([, [cause, error, server, page, probe]]) => {
  const explanation = explainConnectionError(error, server, page, probe);
  expect(explanation.cause).toBe(cause);
  expect(explanation.title).not.toBe("");
  expect(explanation.detail).not.toBe("");
});

test("CORS names the flag with the page's origin", () => {
  const { command } = explainConnectionError(failedFetch, SERVER, HTTP_PAGE, { ...SILENT, reachable: true });
  expect(command).toBe("etcdlite --cors http://pages.example");
});

test("a TLS port offers the https URL", () => {
  const { tryUrl } = explainConnectionError(failedFetch, SERVER, HTTP_PAGE, { ...SILENT, otherScheme: true });
  expect(tryUrl).toBe("https://db.example:2379");
});

test("an expired token is told from a missing one", () => {
  const titles = ["etcdserver: user name is empty", "etcdserver: invalid auth token"].map(
    (text) => explainConnectionError(new ConnectError(text, Code.Unauthenticated), SERVER, HTTP_PAGE).title,
  );
  expect(titles[0]).not.toBe(titles[1]);
});

test("errors of permission are not errors of sign-in", () => {
  expect(wantsSignIn(new ConnectError("etcdserver: permission denied", Code.PermissionDenied))).toBe(false);
});

test.for([
  ["localhost", true],
  ["etcd.localhost", true],
  ["127.8.0.1", true],
  ["[::1]", true],
  ["10.0.0.1", false],
  ["localhost.example", false],
] as const)("%s on this machine: %s", ([host, expected]) => expect(isThisMachine(host)).toBe(expected));
