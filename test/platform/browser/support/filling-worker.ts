/** A store's worker where the browser's storage fills up. */
import "./filling.ts";
import "../../../../src/platform/browser/worker.ts";
