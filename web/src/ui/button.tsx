import { Check, Copy } from "lucide-react";
import { type AnchorHTMLAttributes, type ButtonHTMLAttributes, type ReactNode, type Ref, useState } from "react";
import { Tooltip } from "./tooltip.tsx";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly tone?: "plain" | "primary" | "danger" | "quiet";
  readonly small?: boolean;
  readonly icon?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = "plain", small, icon, className, children, ...rest }: ButtonProps) {
  const classes = ["button", `button-${tone}`, small ? "button-small" : "", className ?? ""].join(" ").trim();
  return (
    <button type="button" className={classes} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "icon" | "children"> {
  /** What it does: its accessible name and its tooltip. */
  readonly label: string;
  readonly children: ReactNode;
  /** Whether the name is shown on hover. */
  readonly tip?: boolean;
}

/** A button that is a picture. */
export function IconButton({ label, children, tip = true, tone = "quiet", ...rest }: IconButtonProps) {
  const button = (
    <Button tone={tone} aria-label={label} className="button-icon" {...rest}>
      {children}
    </Button>
  );
  return tip ? <Tooltip text={label}>{button}</Tooltip> : button;
}

/** A link that looks like a button: it goes somewhere, and can be opened in another tab. */
export function LinkButton({ className, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a className={`button button-plain ${className ?? ""}`} {...rest} />;
}

const COPIED_MS = 1_500;

/** Copies a text, and says that it did. */
export function CopyButton({
  text,
  label = "Copy",
}: {
  readonly text: string | (() => string);
  readonly label?: string;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()}>
      {copied ? <Check /> : <Copy />}
    </IconButton>
  );
}
