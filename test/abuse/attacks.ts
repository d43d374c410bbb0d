import type { Attack } from "./attack.ts";
import { BOMBS } from "./bombs.ts";
import { CROWDS } from "./crowds.ts";
import { FLOODS } from "./floods.ts";
import { SLOW } from "./slow.ts";

export const ATTACKS: readonly Attack[] = [...FLOODS, ...SLOW, ...BOMBS, ...CROWDS];
