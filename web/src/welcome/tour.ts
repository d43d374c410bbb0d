/** Whether the tour is on, over reloads and for all tabs of the page. */
import { setPreferences } from "../app/preferences.ts";
import { Cell } from "../ui/cell.ts";

export interface Tour {
  /** The user asked for it: it shows whatever the page was opened on. */
  readonly asked: boolean;
  /** Whether the live ticker may run. */
  readonly ticking: boolean;
  /** Whether the sample data has been put into a fresh store: that happens once. */
  readonly seeded: boolean;
}

const FIRST: Tour = { asked: false, ticking: false, seeded: false };
const STORAGE_KEY = "etcdlite.tour";

export const tour = new Cell<Tour>(load());

// What another tab starts or stops.
window.addEventListener("storage", (event) => {
  if (event.key === STORAGE_KEY) tour.set(load());
});

function load(): Tour {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Tour>) };
  } catch {
    return FIRST;
  }
}

export function setTour(change: Partial<Tour>): void {
  tour.update((held) => ({ ...held, ...change }));
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(tour.value));
  } catch {
    // A private window: for as long as the page is open.
  }
}

/** Shows the tour again; the store is not written to before the user does something. */
export function startTour(): void {
  setTour({ asked: true });
  setPreferences({ welcomed: false });
}

export function endTour(): void {
  setTour({ asked: false, ticking: false });
  setPreferences({ welcomed: true });
}
