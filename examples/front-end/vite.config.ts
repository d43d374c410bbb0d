import { defineConfig } from "vite";

export default defineConfig({
  // The store's worker is made of modules.
  worker: { format: "es" },
  build: { target: "es2022" },
});
