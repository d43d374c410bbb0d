/**
 * Everything about the page that can be linked, in its query:
 *
 *     ?c=http://127.0.0.1:2379&screen=keys&key=/a/%FF&rev=12&tab=history&q=/a/&dock=watch
 *
 * What is at its default is left out, so that the page's bare URL is its first screen.
 */
import { useMemo } from "react";
import { useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";
import { fromUrl, toUrl } from "../store/bytes.ts";

export const SCREENS = ["keys", "leases", "txn", "users", "status", "transfer", "settings"] as const;
export type Screen = (typeof SCREENS)[number];
export const DETAIL_TABS = ["value", "history", "raw"] as const;
export type DetailTab = (typeof DETAIL_TABS)[number];
export const DOCK_TABS = ["watch", "requests", "console"] as const;
export type DockTab = (typeof DOCK_TABS)[number];

export interface Route {
  /** As store/endpoint.ts writes it; undefined for the one used last. */
  readonly connection: string | undefined;
  readonly screen: Screen;
  /** The key whose detail is open. */
  readonly key: Uint8Array | undefined;
  /** The revision of the past that is shown; undefined for the present. */
  readonly revision: number | undefined;
  readonly tab: DetailTab;
  /** The prefix that the key list is held to. */
  readonly query: Uint8Array;
  /** Undefined while the dock is closed. */
  readonly dock: DockTab | undefined;
}

export function parseRoute(search: string): Route {
  const fields = rawFields(search);
  const revision = Number(fields.get("rev") ?? "");
  const key = fields.get("key");
  return {
    connection: fields.has("c") ? decode(fields.get("c") ?? "") : undefined,
    screen: oneOf(SCREENS, fields.get("screen")) ?? "keys",
    key: key === undefined ? undefined : fromUrl(key),
    revision: Number.isSafeInteger(revision) && revision > 0 ? revision : undefined,
    tab: oneOf(DETAIL_TABS, fields.get("tab")) ?? "value",
    query: fromUrl(fields.get("q") ?? ""),
    dock: oneOf(DOCK_TABS, fields.get("dock")),
  };
}

export function formatRoute(route: Route): string {
  const fields: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) fields.push(`${name}=${value}`);
  };
  add("c", route.connection === undefined ? undefined : toUrl(new TextEncoder().encode(route.connection)));
  add("screen", route.screen === "keys" ? undefined : route.screen);
  add("key", route.key === undefined ? undefined : toUrl(route.key));
  add("rev", route.revision?.toString());
  add("tab", route.tab === "value" ? undefined : route.tab);
  add("q", route.query.length === 0 ? undefined : toUrl(route.query));
  add("dock", route.dock);
  return fields.length === 0 ? "" : `?${fields.join("&")}`;
}

/** Not URLSearchParams: it reads `%FF` and `+` as text, and keys are bytes. */
function rawFields(search: string): Map<string, string> {
  const pairs = search.replace(/^\?/, "").split("&").filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function decode(text: string): string {
  return new TextDecoder().decode(fromUrl(text));
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((candidate) => candidate === value);
}

export type Navigate = (change: Partial<Route>, options?: { readonly replace?: boolean }) => void;

/** Goes to where the page is now, but for what changes. */
export const go: Navigate = (change, options) => {
  const next = formatRoute({ ...parseRoute(location.search), ...change });
  navigate(`${location.pathname}${next}`, { replace: options?.replace ?? false });
};

/** A link to where the page is now, but for what changes: for `href`. */
export function linkTo(change: Partial<Route>): string {
  return `${location.pathname}${formatRoute({ ...parseRoute(location.search), ...change })}`;
}

export function useRoute(): Route {
  useSearch();
  // wouter gives the search decoded; bytes need it as it stands.
  const raw = window.location.search;
  return useMemo(() => parseRoute(raw), [raw]);
}
