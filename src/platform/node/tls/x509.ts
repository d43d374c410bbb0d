/** The library that makes and reads certificates: loaded only where one is to be made or read. */

type X509 = typeof import("@peculiar/x509");

let loading: Promise<X509> | undefined;

export function loadX509(): Promise<X509> {
  loading ??= load();
  return loading;
}

/** What it injects its parts with insists on `reflect-metadata` being there first. */
async function load(): Promise<X509> {
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}
