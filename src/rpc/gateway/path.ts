/** Which requests are the gateway's, by their path; as Go's ServeMux and etcd see it. */

/** What the gateway is to do with a path: it leads to a method, to nothing, or to where the path is clean. */
export type Destination = { readonly path: string } | { readonly redirect: string };

const ROOT = "/v3/";
const BETA_ROOT = "/v3beta/";
const CLEAN = /^(?!.*(?:%|\/\/|\/\.))\/v3\//;

/** @param target path and query; undefined where the path is not the gateway's */
export function destinationOf(target: string): Destination | undefined {
  const queryStart = target.indexOf("?");
  const raw = queryStart === -1 ? target : target.slice(0, queryStart);
  if (CLEAN.test(raw)) return { path: raw };
  const path = raw.startsWith(BETA_ROOT) ? ROOT + raw.slice(BETA_ROOT.length) : raw;
  const clean = cleaned(path);
  if (!clean.startsWith(ROOT)) return undefined;
  if (clean !== path) return { redirect: clean + (queryStart === -1 ? "" : target.slice(queryStart)) };
  return { path: decoded(path) };
}

/** Without empty segments and those of dots; the root without its slash gets it. */
function cleaned(path: string): string {
  if (!path.startsWith("/")) return path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const isFolder = /\/\.{0,2}$/.test(path) && segments.length > 0;
  const clean = `/${segments.join("/")}${isFolder ? "/" : ""}`;
  return `${clean}/` === ROOT ? ROOT : clean;
}

/** A path that cannot be decoded leads nowhere as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
