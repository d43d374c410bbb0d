import { Folder, KeyRound, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useAction } from "../../app/actions.ts";
import { go, useRoute } from "../../app/route.ts";
import { fromDisplay, toDisplay } from "../../store/bytes.ts";
import { IconButton, KeyText } from "../../ui/index.ts";
import type { Child } from "../model/source.ts";
import { useSuggestions } from "./useSuggestions.ts";

/** Holds the list to a prefix, on the server; what is typed is completed with what is there. */
export function PrefixSearch() {
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const { text, held, type, isOpen, children, chosen, search, choose, close, onKeyDown } = usePrefixSearch();
  const focus = (): void => {
    input.current?.focus();
    input.current?.select();
  };
  useAction({ id: "keys.search", title: "Search by prefix", group: "Keys", shortcut: "/", run: focus });
  return (
    <div className="keys-search">
      <label className="keys-label" htmlFor={`${listId}-input`}>
        Prefix (in the whole store)
      </label>
      <div className="keys-search-box">
        <input
          ref={input}
          id={`${listId}-input`}
          className="input mono"
          role="combobox"
          aria-expanded={isOpen && children.length > 0}
          aria-controls={`${listId}-list`}
          aria-autocomplete="list"
          aria-activedescendant={children[chosen] === undefined ? undefined : `${listId}-${chosen}`}
          placeholder="Every key"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={close}
        />
        {held !== "" && (
          <IconButton
            label="Show every key"
            small
            className="button-icon keys-clear"
            onClick={() => search(new Uint8Array())}
          >
            <X />
          </IconButton>
        )}
      </div>
      {isOpen && children.length > 0 && <Suggestions id={listId} items={children} chosen={chosen} onChoose={choose} />}
    </div>
  );
}

interface PrefixSearchState {
  readonly text: string;
  /** What the list is held to. */
  readonly held: string;
  readonly type: (text: string) => void;
  readonly isOpen: boolean;
  readonly children: readonly Child[];
  /** Of the children, -1 for none. */
  readonly chosen: number;
  readonly search: (prefix: Uint8Array) => void;
  readonly choose: (child: Child) => void;
  readonly close: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** What is typed, what it could go on with, and what comes of it. */
function usePrefixSearch(): PrefixSearchState {
  const { query } = useRoute();
  const held = toDisplay(query);
  const [text, setText] = useState(held);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const children = useSuggestions(isOpen ? text : undefined);
  useEffect(() => setText(held), [held]);
  const close = (): void => {
    setOpen(false);
    setChosen(-1);
  };
  const type = (typed: string): void => {
    setText(typed);
    setChosen(-1);
    setOpen(true);
  };
  const search = (prefix: Uint8Array): void => {
    close();
    setText(toDisplay(prefix));
    go({ query: prefix });
  };
  const choose = (child: Child): void => {
    if (child.info === undefined) {
      search(child.chain);
    } else {
      close();
      setText(held);
      go({ key: child.path });
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const child = children[chosen];
    if (event.key === "ArrowDown") {
      setOpen(true);
      setChosen((chosen + 1) % Math.max(1, children.length));
    } else if (event.key === "ArrowUp") setChosen(Math.max(-1, chosen - 1));
    else if (event.key === "Enter") child === undefined ? search(fromDisplay(text)) : choose(child);
    else if (event.key === "Escape" && isOpen) close();
    else if (event.key === "Escape") setText(held);
    else return;
    event.preventDefault();
  };
  return { text, held, type, isOpen, children, chosen, search, choose, close, onKeyDown };
}

interface SuggestionsProps {
  readonly id: string;
  readonly items: readonly Child[];
  readonly chosen: number;
  readonly onChoose: (child: Child) => void;
}

function Suggestions({ id, items, chosen, onChoose }: SuggestionsProps) {
  return (
    <div
      className="menu keys-suggestions"
      role="listbox"
      id={`${id}-list`}
      aria-label="Keys and folders with this prefix"
    >
      {items.map((child, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the chosen one
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
        <div
          key={child.path.toString()}
          id={`${id}-${at}`}
          role="option"
          className="menu-item"
          aria-selected={at === chosen}
          data-highlighted={at === chosen ? "" : undefined}
          // The field must not lose the focus before the click is there.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(child)}
        >
          {child.info === undefined ? <Folder aria-hidden /> : <KeyRound aria-hidden />}
          <KeyText bytes={child.chain} />
        </div>
      ))}
    </div>
  );
}
