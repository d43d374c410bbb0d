/** A store's worker where the browser keeps nothing. */
import "./refusing.ts";
import "../../../../src/platform/browser/worker.ts";
