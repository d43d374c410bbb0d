/** A request as what one would type or write to send it oneself. */
import type { Message } from "@bufbuild/protobuf";
import type { Connection } from "../store/connection.ts";
import { curlFor } from "./curl.ts";
import { etcdctlFor } from "./etcdctl.ts";
import { goFor } from "./go.ts";
import { placeOf } from "./place.ts";
import { pythonFor } from "./python.ts";
import { typescriptFor } from "./typescript.ts";

export interface Snippet {
  readonly label: string;
  readonly text: string;
}

/**
 * @param method `etcdserverpb.KV/Range`
 * @param baseUrl the server's; anything else than http(s), `""` too, means the store in the browser
 * @param user who is signed in; passwords and tokens are left to whoever uses it
 */
export function snippetsFor(method: string, request: Message, baseUrl: string, user?: string): Snippet[] {
  const place = placeOf(baseUrl, user);
  return [
    { label: "etcdctl", text: etcdctlFor(request, place) },
    { label: "curl", text: curlFor(method, request, place) },
    { label: "TypeScript", text: typescriptFor(method, request, place) },
    { label: "Go", text: goFor(request, place) },
    { label: "Python", text: pythonFor(method, request, place) },
  ];
}

/** For the store that the page shows, and whoever is signed in to it. */
export function snippetsOf(
  { endpoint, session }: Pick<Connection, "endpoint" | "session">,
  method: string,
  request: Message,
): Snippet[] {
  return snippetsFor(method, request, endpoint.kind === "server" ? endpoint.url : "", session.user.value);
}
