import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Servers of a test file are its own and on ports of the system's choice, so files may run side by side.
    pool: "threads",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
