/** The list on the page, in the order of the keys. */
export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export class Keys {
  readonly #list: HTMLElement;
  readonly #remove: (key: Uint8Array) => Promise<void>;

  constructor(list: HTMLElement, remove: (key: Uint8Array) => Promise<void>) {
    this.#list = list;
    this.#remove = remove;
  }

  clear(): void {
    this.#list.replaceChildren();
  }

  set({ key, value }: Pair): void {
    const name = decode(key);
    const item = document.createElement("li");
    item.dataset.key = name;
    const text = document.createElement("span");
    text.textContent = `${name} = ${decode(value)}`;
    const button = document.createElement("button");
    button.textContent = "Delete";
    button.setAttribute("aria-label", `Delete ${name}`);
    button.addEventListener("click", () => this.#remove(key));
    item.append(text, button);
    const next = this.#items().find((other) => (other.dataset.key ?? "") >= name);
    if (next?.dataset.key === name) next.replaceWith(item);
    else this.#list.insertBefore(item, next ?? null);
  }

  delete(key: Uint8Array): void {
    const name = decode(key);
    this.#items()
      .find((item) => item.dataset.key === name)
      ?.remove();
  }

  #items(): HTMLElement[] {
    return [...this.#list.children] as HTMLElement[];
  }
}
