import { Cell } from "../ui/cell.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "info" | "success" | "danger";
  readonly title: string;
  readonly detail?: string;
  /** Undo, most often. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** How long it stays unless it is pointed at; errors stay longer. */
  readonly forMs: number;
}

export const toasts = new Cell<readonly Toast[]>([]);

let lastId = 0;

/** Tells the user something that needs no answer; returns what takes it away again. */
export function toast(
  content: Omit<Toast, "id" | "tone" | "forMs"> & Partial<Pick<Toast, "tone" | "forMs">>,
): () => void {
  const id = ++lastId;
  const tone = content.tone ?? "info";
  const forMs = content.forMs ?? (tone === "danger" || content.action !== undefined ? 10_000 : 5_000);
  toasts.update((held) => [...held.slice(-3), { ...content, id, tone, forMs }]);
  return () => dismissToast(id);
}

export function dismissToast(id: number): void {
  toasts.update((held) => held.filter((one) => one.id !== id));
}
