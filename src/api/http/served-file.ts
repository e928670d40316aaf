/** Files that the detector serves as they are. They hold no user's data, so they need no token. */
import { isUnmodified } from "./conditional.ts";
import type { Api } from "../context.ts";

export interface ServedFile {
  path: `/${string}`;
  type: string;
  text: string;
}

const etagOf = async (text: string): Promise<string> => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `"${btoa(String.fromCharCode(...new Uint8Array(hash)))}"`;
};

export const addFile = (app: Api, { path, type, text }: ServedFile): void => {
  let etag: string | undefined;
  app.get(path, async (c) => {
    etag ??= await etagOf(text);
    // After a deployment the page of the new release must not meet the files of the old one.
    const headers = { ETag: etag, "Cache-Control": "no-cache" };
    if (isUnmodified(c.req.header("If-None-Match"), etag)) return c.body(null, 304, headers);
    return c.body(text, 200, { ...headers, "Content-Type": type });
  });
};
