import { type ComponentType, lazy } from "react";
import type { Screen } from "./route.ts";

/** Screens that are fetched when they are first opened; Keys is there from the start. */
export const SCREEN_COMPONENTS: Record<Exclude<Screen, "keys">, ComponentType> = {
  leases: lazy(() => import("../leases/LeasesScreen.tsx")),
  txn: lazy(() => import("../txn/TxnScreen.tsx")),
  users: lazy(() => import("../users/UsersScreen.tsx")),
  status: lazy(() => import("../status/StatusScreen.tsx")),
  transfer: lazy(() => import("../transfer/TransferScreen.tsx")),
  settings: lazy(() => import("../settings/SettingsScreen.tsx")),
};

export const SCREEN_TITLES: Record<Screen, string> = {
  keys: "Keys",
  leases: "Leases",
  txn: "Txn",
  users: "Users and roles",
  status: "Status",
  transfer: "Import/Export",
  settings: "Settings",
};

/** As the top bar has them, which has little room. */
export const NAV_TITLES: Record<Screen, string> = { ...SCREEN_TITLES, users: "Users" };
