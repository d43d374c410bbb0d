import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useMedia } from "../ui/index.ts";
import { hexRow, hexRowCount, ROW_BYTES } from "./hex.ts";

const ROW_PX = 20;
const NARROW_ROW_BYTES = 8;

/** A hex dump of any size: only the rows in sight are there. */
export default function HexView({ bytes, label }: { readonly bytes: Uint8Array; readonly label: string }) {
  const isNarrow = useMedia("(max-width: 720px)");
  const rowBytes = isNarrow ? NARROW_ROW_BYTES : ROW_BYTES;
  const scroller = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: hexRowCount(bytes, rowBytes),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="values-hex" ref={scroller} aria-label={label} tabIndex={0}>
      <div style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const row = hexRow(bytes, item.index, rowBytes);
          return (
            <div key={item.key} className="values-hex-row" style={{ transform: `translateY(${item.start}px)` }}>
              <span className="values-hex-offset">{row.offset}</span>
              <span className="values-hex-bytes">{row.hex}</span>
              <span className="values-hex-ascii">{row.ascii}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}
