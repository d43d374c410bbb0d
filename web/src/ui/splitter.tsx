import { type KeyboardEvent, type PointerEvent, useRef } from "react";

interface SplitterProps {
  readonly label: string;
  /** `vertical` is a line between left and right. */
  readonly orientation: "vertical" | "horizontal";
  readonly valuePx: number;
  readonly minPx: number;
  readonly maxPx: number;
  /** Whether the panel that is sized comes after the line. */
  readonly after?: boolean;
  readonly onChange: (valuePx: number) => void;
}

const STEP_PX = 16;

/** The line between two panels, moved by pointer or arrow keys. */
export function Splitter({ label, orientation, valuePx, minPx, maxPx, after, onChange }: SplitterProps) {
  const drag = useRef<{ readonly fromPx: number; readonly valuePx: number } | undefined>(undefined);
  const sign = after ? -1 : 1;
  const set = (next: number): void => onChange(Math.round(Math.min(maxPx, Math.max(minPx, next))));
  const position = (event: PointerEvent): number => (orientation === "vertical" ? event.clientX : event.clientY);
  const down = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { fromPx: position(event), valuePx };
  };
  const move = (event: PointerEvent): void => {
    if (drag.current !== undefined) set(drag.current.valuePx + sign * (position(event) - drag.current.fromPx));
  };
  const key = (event: KeyboardEvent): void => {
    const [less, more] = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    set(valuePx + sign * (event.key === more ? STEP_PX : -STEP_PX));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is a widget, which <hr> is not
    <div
      className={`splitter splitter-${orientation}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={valuePx}
      aria-valuemin={minPx}
      aria-valuemax={maxPx}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        drag.current = undefined;
      }}
      onKeyDown={key}
    />
  );
}
