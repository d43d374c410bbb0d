/**
 * Two of the page's libraries put `<style>` elements into it, which a policy must allow for everybody or not at all.
 * Both are made to use constructed style sheets, which are script's own.
 */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const SINGLETON = "react-style-singleton";
const SINGLETON_FILE = fileURLToPath(new URL("../src/ui/styleSingleton.ts", import.meta.url));
/** style-mod's, of CodeMirror: it uses constructed sheets, but in shadow trees only. */
const ONLY_IN_SHADOW = "!root.head && root.adoptedStyleSheets";

export function constructedStyleSheets(): Plugin {
  return {
    name: "etcdlite-style-sheets",
    enforce: "pre",
    apply: "build",
    resolveId: (source) => (source === SINGLETON ? SINGLETON_FILE : undefined),
    transform(code, id) {
      if (!/\/style-mod\/src\/style-mod\.js$/.test(id)) return undefined;
      if (!code.includes(ONLY_IN_SHADOW))
        throw new Error(`${id} makes its style sheets in a way that is not known here`);
      return code.replace(ONLY_IN_SHADOW, "root.adoptedStyleSheets");
    },
  };
}
