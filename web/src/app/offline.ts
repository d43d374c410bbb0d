/** Has the built page kept in the browser (sw.ts), so that it opens without a network from its second visit on. */
export function workOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const register = (): void => {
    // Where it is not allowed, in a private window or without TLS, the page works as before.
    navigator.serviceWorker.register(new URL("sw.js", document.baseURI)).catch(() => {});
  };
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register, { once: true });
}
