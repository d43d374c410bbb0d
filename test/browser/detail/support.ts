/** What the tests of a key's page do again and again. */
import type { Locator, Page } from "playwright";

/** What axe looks at here: the rest of the page has its own tests. */
export const KEY = "section[aria-label=Key]";
export const DIALOG = "[role=dialog]";

export function editor(page: Page): Locator {
  return page.getByRole("textbox", { name: "Value, editing" });
}

/** The dialog that shows what would be saved. */
export function saveDialog(page: Page): Locator {
  return page.getByRole("dialog", { name: /^(Save these changes|Create the key)\?$/ });
}

/** When neither the editor nor a dialog over it is open any more. */
export function reading(page: Page): Promise<void> {
  return page.getByRole("button", { name: "Edit", exact: true }).waitFor();
}

export async function startEditing(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await editor(page).waitFor();
}

/** Puts a text in place of all that is in the editor. */
export async function typeInstead(page: Page, text: string): Promise<void> {
  await editor(page).press("Control+a");
  await page.keyboard.insertText(text);
}
