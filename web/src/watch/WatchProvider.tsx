import type { ReactNode } from "react";

export function WatchProvider({ children }: { readonly children: ReactNode }) {
  return children;
}
