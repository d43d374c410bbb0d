/**
 * What the package react-style-singleton is to others, without its `<style>` element, which the page's
 * Content-Security-Policy forbids: the build puts this in its place. Styles are there while somebody wants them.
 */
import { useEffect } from "react";

export interface SheetProps {
  readonly styles: string;
  readonly dynamic?: boolean;
}

export function styleSingleton(): (props: SheetProps) => null {
  let users = 0;
  let sheet: CSSStyleSheet | undefined;
  const add = (styles: string): void => {
    users++;
    if (users > 1) return;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    document.adoptedStyleSheets.push(sheet);
  };
  const remove = (): void => {
    users--;
    if (users > 0) return;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  };
  return ({ styles, dynamic }) => {
    // biome-ignore lint/correctness/useExhaustiveDependencies: styles that are not dynamic stay as they were at first
    useEffect(() => {
      add(styles);
      return remove;
    }, [styles && dynamic]);
    return null;
  };
}
