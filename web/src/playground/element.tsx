import { createRoot, type Root } from "react-dom/client";
import consoleCss from "../console/console.css?inline";
import uiCss from "../ui/ui.css?inline";
import { contentOf } from "./content.ts";
import { PlaygroundView } from "./PlaygroundView.tsx";
import playgroundCss from "./playground.css?inline";

/**
 * An etcd to try out in a page:
 *
 *     <etcd-playground watch="/" height="420px" theme="dark">
 *       <script type="application/json">{ "/app/name": "demo" }</script>
 *       <script type="text/etcdctl">
 *         get /app --prefix
 *         put /app/name new
 *       </script>
 *     </etcd-playground>
 *
 *     seed       keys and values as a JSON object; or a child script of type application/json
 *     commands   etcdctl's lines that are offered as buttons; or a child script of type text/etcdctl
 *     watch      a prefix whose events are shown (empty: every key)
 *     readonly   nothing can be typed: only the offered commands run
 *     height     a CSS length, 420px by default
 *     theme      light or dark; as the reader's system by default
 *
 * Each element has a store of its own, in memory, in a worker: several on a page never meet.
 */
export class EtcdPlayground extends HTMLElement {
  static readonly observedAttributes = ["seed", "commands", "watch", "readonly", "height"];
  #root: Root | undefined;

  connectedCallback(): void {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (this.#root === undefined) {
      // Constructed, not an element: the policy of the page it lives in may allow no inline styles.
      const style = new CSSStyleSheet();
      style.replaceSync([uiCss, consoleCss, playgroundCss].map(forShadow).join("\n"));
      shadow.adoptedStyleSheets = [style];
      const mount = document.createElement("div");
      mount.className = "playground-mount";
      shadow.replaceChildren(mount);
      this.#root = createRoot(mount);
    }
    // Where the element comes while the page is read, its children come after it.
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => this.#draw(), { once: true });
    } else this.#draw();
  }

  disconnectedCallback(): void {
    this.#root?.unmount();
    this.#root = undefined;
  }

  attributeChangedCallback(): void {
    this.#draw();
  }

  #draw(): void {
    if (this.#root === undefined || !this.isConnected) return;
    this.style.setProperty("--playground-height", this.getAttribute("height") ?? "420px");
    try {
      const content = contentOf(this);
      this.#root.render(<PlaygroundView key={JSON.stringify(content)} content={content} />);
    } catch (error) {
      this.#root.render(<p className="playground-error">{(error as Error).message}</p>);
    }
  }
}

/** The page's styles, held to the element: what is said of the document's root is said of it. */
function forShadow(css: string): string {
  return css
    .replace(/:root\[data-theme=("?)(\w+)\1\]/g, ':host([theme="$2"])')
    .replace(/:root/g, ":host")
    .replace(/\bhtml,\s*body,\s*#root\b/g, ".playground-mount")
    .replace(/(^|[}\s])body\s*\{/g, "$1.playground-mount {");
}
