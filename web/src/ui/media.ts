/** What is known of the screen, kept current. */
import { useSyncExternalStore } from "react";

/** Where a finger points rather than a mouse: what is pressed is larger there. CSS has the same query. */
const FINGER = "(max-width: 720px), (pointer: coarse)";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

export function useFinger(): boolean {
  return useMedia(FINGER);
}
