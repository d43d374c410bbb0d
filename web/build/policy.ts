/**
 * The page's Content-Security-Policy, in the page itself, so that it holds on any host; a server of etcdlite sends it
 * as a header too.
 *
 * Nothing runs but the page's own files, and nothing is styled but by them: no inline script, style or eval. It may
 * connect to every server by HTTP, as it is its user who says which one.
 */
import type { Plugin } from "vite";

export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The editor's own style sheet has pictures in it.
  "img-src 'self' data:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "connect-src 'self' http: https:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Only of what is built: while it is developed, Vite runs scripts of its own in it. */
export function pagePolicy(): Plugin {
  return {
    name: "etcdlite-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: PAGE_POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}
