/** fast-check for the tests of this project. A failure prints its seed; PROPERTY_SEED runs with that one again. */
import * as fc from "fast-check";

/** Where there is no process, in a browser, every run has a seed of its own. */
const seed = globalThis.process?.env.PROPERTY_SEED;

if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

export { fc };
