/** fast-check for the tests of this project. A failure prints its seed; PROPERTY_SEED runs with that one again. */
import * as fc from "fast-check";

const seed = process.env.PROPERTY_SEED;

if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

export { fc };
