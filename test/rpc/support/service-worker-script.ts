import { serveStores } from "../../../src/platform/browser/service-worker.ts";

serveStores();
