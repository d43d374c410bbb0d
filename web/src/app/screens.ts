import { type ComponentType, lazy } from "react";
import type { Screen } from "./route.ts";

/** Screens that are fetched when they are first opened; Keys is there from the start. */
export const SCREEN_COMPONENTS: Record<Exclude<Screen, "keys">, ComponentType> = {
  leases: lazy(() => import("../leases/LeasesScreen.tsx")),
  txn: lazy(() => import("../txn/TxnScreen.tsx")),
  status: lazy(() => import("../status/StatusScreen.tsx")),
  transfer: lazy(() => import("../transfer/TransferScreen.tsx")),
  settings: lazy(() => import("../settings/SettingsScreen.tsx")),
};

export const SCREEN_TITLES: Record<Screen, string> = {
  keys: "Keys",
  leases: "Leases",
  txn: "Txn",
  status: "Status",
  transfer: "Import/Export",
  settings: "Settings",
};
