/** Which of the connection's dialogs is open: banners and settings open them, the top bar draws them. */
import { Cell } from "../ui/cell.ts";

export type OpenDialog = { readonly kind: "server"; readonly id: string | undefined } | { readonly kind: "store" };

export const dialog = new Cell<OpenDialog | undefined>(undefined);

/** @param id the endpoint to begin with, such as one that wants a sign-in */
export function openConnectDialog(id?: string): void {
  dialog.set({ kind: "server", id });
}
