/**
 * The files of the web page. They are listed once, at the start, and requests are looked up in that list:
 * no path, however it is written, names anything else.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { HttpRequest, HttpResponse } from "./types.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const HEADERS: Readonly<Record<string, string>> = {
  // Everything comes from this server, and no other page may frame it.
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

interface StaticFile {
  readonly file: string;
  readonly contentType: string;
}

export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** @param root no such folder: no files */
  static async of(root: string): Promise<StaticFiles> {
    const files = new Map<string, StaticFile>();
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const contentType = CONTENT_TYPES[path.extname(entry.name)];
      // Only plain files: a link may lead out of the folder.
      if (!entry.isFile() || contentType === undefined) continue;
      const file = path.join(entry.parentPath, entry.name);
      const url = `/${path.relative(root, file).split(path.sep).join("/")}`;
      files.set(url, { file, contentType });
      if (entry.name === "index.html") files.set(url.slice(0, -"index.html".length), { file, contentType });
    }
    return new StaticFiles(files);
  }

  has(urlPath: string): boolean {
    return this.#files.has(urlPath);
  }

  async serve(urlPath: string, request: HttpRequest, response: HttpResponse): Promise<void> {
    const found = this.#files.get(urlPath) as StaticFile;
    const body = await readFile(found.file);
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    const headers = { ...HEADERS, "content-type": found.contentType, etag };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    response.writeHead(200, { ...headers, "content-length": body.length });
    if (request.method === "HEAD") response.end();
    else response.end(body);
  }
}
