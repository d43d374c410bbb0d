import { fillUpAt, LAST_VALUE } from "./faults.ts";

fillUpAt(LAST_VALUE);
