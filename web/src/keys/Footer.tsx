import { Badge } from "../ui/index.ts";
import type { KeyTree } from "./model/keytree.ts";

interface FooterProps {
  readonly tree: KeyTree;
  /** Rows that the filter leaves; undefined without one. */
  readonly shown: number | undefined;
}

/** How much of it all is in the page. */
export function Footer({ tree, shown }: FooterProps) {
  const loaded = tree.loadedCount.toLocaleString("en");
  const total = tree.root.total?.count.toLocaleString("en") ?? "…";
  return (
    <div className="keys-footer">
      <span>
        Loaded {loaded} of {total} keys
      </span>
      {shown !== undefined && (
        <Badge>
          {shown.toLocaleString("en")} {shown === 1 ? "match" : "matches"}
        </Badge>
      )}
    </div>
  );
}
