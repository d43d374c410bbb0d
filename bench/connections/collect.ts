/** For `node --expose-gc --import`: a process that collects garbage, and gives its pages back, when it is told to. */
process.on("SIGPWR", () => void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" }));
