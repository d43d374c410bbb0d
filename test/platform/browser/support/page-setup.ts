/** What a test written for Node may use and a page has not. */
if (!("setImmediate" in globalThis)) {
  Object.assign(globalThis, { setImmediate: (callback: () => void) => setTimeout(callback, 0) });
}
