import { Slot } from "radix-ui";
import {
  type FocusEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";

const DELAY_MS = 400;
const GAP_PX = 6;
const MARGIN_PX = 8;

/**
 * A name shown on hover and on focus by keyboard; Escape and a press take it away. Of our own because every
 * button of the first screen has one, and what the menus use to find their place is fetched with them.
 */
export function Tooltip({ text, children }: { readonly text: ReactNode; readonly children: ReactNode }) {
  const id = useId();
  const [anchor, setAnchor] = useState<Element>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hide = (): void => {
    clearTimeout(timer.current);
    setAnchor(undefined);
  };
  const showSoon = ({ currentTarget, pointerType }: PointerEvent): void => {
    if (pointerType === "touch") return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAnchor(currentTarget), DELAY_MS);
  };
  const showFocused = ({ currentTarget }: FocusEvent): void => {
    if (currentTarget.matches(":focus-visible")) setAnchor(currentTarget);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <>
      <Slot.Root
        aria-describedby={anchor === undefined ? undefined : id}
        onPointerEnter={showSoon}
        onPointerLeave={hide}
        onPointerDown={hide}
        onFocus={showFocused}
        onBlur={hide}
      >
        {children}
      </Slot.Root>
      {anchor !== undefined && (
        <Tip id={id} anchor={anchor} onHide={hide}>
          {text}
        </Tip>
      )}
    </>
  );
}

interface TipProps {
  readonly id: string;
  readonly anchor: Element;
  readonly onHide: () => void;
  readonly children: ReactNode;
}

/** Above what it names, or below it where there is no room, and never outside the window. */
function Tip({ id, anchor, onHide, children }: TipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current: tip } = ref;
    if (tip === null) return;
    const over = anchor.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const above = over.top - height - GAP_PX;
    const left = over.left + over.width / 2 - width / 2;
    tip.style.top = `${above >= MARGIN_PX ? above : over.bottom + GAP_PX}px`;
    tip.style.left = `${Math.max(MARGIN_PX, Math.min(left, window.innerWidth - width - MARGIN_PX))}px`;
  }, [anchor]);
  useEffect(() => {
    const hideOnEscape = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onHide();
    };
    document.addEventListener("keydown", hideOnEscape, true);
    document.addEventListener("scroll", onHide, true);
    return () => {
      document.removeEventListener("keydown", hideOnEscape, true);
      document.removeEventListener("scroll", onHide, true);
    };
  });
  return createPortal(
    <div ref={ref} id={id} role="tooltip" className="tooltip">
      {children}
    </div>,
    document.body,
  );
}
