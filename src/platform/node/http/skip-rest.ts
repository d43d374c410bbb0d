import type { HttpRequest } from "./types.ts";

/** Reads what is left of a request that was answered: the next one on the connection is behind it. */
export function skipRest(request: HttpRequest): void {
  const skip = (): void => {
    while (request.read() !== null);
  };
  request.on("readable", skip);
  skip();
}
