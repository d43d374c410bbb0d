import { CircleHelp, Menu as MenuIcon, Monitor, Moon, Search, Sun } from "lucide-react";
import { ConnectionButton, UserButton } from "../connect/index.ts";
import { RevisionScrubber } from "../travel/index.ts";
import { IconButton, Kbd, Menu, useCell } from "../ui/index.ts";
import { actions, shortcutKeys } from "./actions.ts";
import { type Preferences, preferences, setPreferences } from "./preferences.ts";
import { go, linkTo, SCREENS, useRoute } from "./route.ts";
import { NAV_TITLES, SCREEN_TITLES } from "./screens.ts";

export function TopBar() {
  const { screen } = useRoute();
  return (
    <header className="topbar">
      <a className="brand" href={linkTo({ screen: "keys", key: undefined })} aria-label="etcdlite, to the keys">
        <img src="./icon.svg" alt="" width={20} height={20} />
        <span>etcdlite</span>
      </a>
      <ConnectionButton />
      <UserButton />
      <nav className="topbar-nav" aria-label="Screens">
        {SCREENS.map((one) => (
          <a
            key={one}
            href={linkTo({ screen: one })}
            aria-current={one === screen ? "page" : undefined}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              go({ screen: one });
            }}
          >
            {NAV_TITLES[one]}
          </a>
        ))}
      </nav>
      <span className="grow" />
      <RevisionScrubber />
      <button type="button" className="palette-button" onClick={() => run("view.palette")}>
        <Search aria-hidden />
        <span>Commands</span>
        {shortcutKeys("mod+k").map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </button>
      <ThemeButton />
      <IconButton label="Keyboard shortcuts" className="button-icon topbar-help" onClick={() => run("view.help")}>
        <CircleHelp />
      </IconButton>
      <NarrowMenu />
    </header>
  );
}

function run(id: string): void {
  actions.value.findLast((action) => action.id === id)?.run();
}

const NEXT_THEME: Record<Preferences["theme"], Preferences["theme"]> = {
  system: "light",
  light: "dark",
  dark: "system",
};
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const { theme } = useCell(preferences);
  const Icon = THEME_ICONS[theme];
  return (
    <IconButton label={`Theme: ${theme}`} onClick={() => setPreferences({ theme: NEXT_THEME[theme] })}>
      <Icon />
    </IconButton>
  );
}

/** The screens, on a page too narrow for their row. */
function NarrowMenu() {
  const { screen } = useRoute();
  return (
    <span className="topbar-narrow">
      <Menu
        trigger={
          <IconButton label="Screens" tip={false}>
            <MenuIcon />
          </IconButton>
        }
        items={[
          ...SCREENS.map((one) => ({
            label: SCREEN_TITLES[one],
            checked: one === screen,
            onSelect: () => go({ screen: one, key: undefined }),
          })),
          "separator" as const,
          { label: "Commands", onSelect: () => run("view.palette") },
          { label: "Keyboard shortcuts", onSelect: () => run("view.help") },
        ]}
      />
    </span>
  );
}
