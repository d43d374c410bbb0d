import { useEffect, useState } from "react";
import { useConnection } from "../../app/context.ts";
import { preferences } from "../../app/preferences.ts";
import { useRoute } from "../../app/route.ts";
import { fromDisplay } from "../../store/bytes.ts";
import { useCell } from "../../ui/index.ts";
import { keySourceOf } from "../model/choose.ts";
import type { Child } from "../model/source.ts";

const SHOWN = 8;
const TYPING_MS = 120;

/** What the keys that begin with a text go on with, up to the next delimiter; none while `text` is undefined. */
export function useSuggestions(text: string | undefined): readonly Child[] {
  const { clients } = useConnection();
  const { revision = 0 } = useRoute();
  const { delimiter } = useCell(preferences);
  const [children, setChildren] = useState<readonly Child[]>([]);
  useEffect(() => {
    if (text === undefined) return setChildren([]);
    let left = false;
    const timer = setTimeout(async () => {
      const request = {
        prefix: fromDisplay(text),
        delimiter: fromDisplay(delimiter || "/"),
        revision,
        start: undefined,
        limit: SHOWN,
      };
      // What cannot be listed is shown by the list itself.
      const page = await keySourceOf(clients)
        .listChildren(request)
        .catch(() => undefined);
      if (!left) setChildren(page?.children ?? []);
    }, TYPING_MS);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [clients, revision, delimiter, text]);
  return children;
}
