import type { Misread, Part } from "./part.ts";

/** The place of a setting in its source. */
export interface Origin {
  file: string;
  line: number | undefined;
  /** The name as its own tool shows it. */
  name: string;
}

/** A remark about something that was not carried over unchanged. */
export interface Remark {
  origin: Origin;
  text: string;
}

/** A target as a reader found it. A later step decides whether Parallax accepts it. */
export interface Draft {
  origin: Origin;
  /** The failure domain, where the source gives one. */
  site: string | undefined;
  name: string;
  url: string;
  intervalMs: number | undefined;
  timeoutMs: number | undefined;
  expect: Record<string, unknown>;
  headers: Record<string, string>;
  /** `${NAME}` in the source stood for a value from the environment. */
  hasVariables: boolean;
  isPaused: boolean;
  /** Settings that are dropped. */
  lost: string[];
  /** Reasons why its probe would send another request than the source did. The target is written paused, for a person to review. */
  doubts: string[];
}

/** The result of the readers. */
export class Haul {
  readonly drafts: Draft[] = [];
  /** Targets that were not carried over. */
  readonly left: Remark[] = [];
  /** Settings that were dropped before their target was known. */
  readonly lost: Remark[] = [];
  /** Malformed input: with any of it, nothing is written. */
  readonly flaws: Misread[] = [];
  /** Remarks that concern the kind of source, not one target. */
  readonly hints: string[] = [];

  draft(origin: Origin, site: string | undefined, name: string, url: string): Draft {
    const draft = { origin, site, name, url, intervalMs: undefined, timeoutMs: undefined };
    const whole: Draft = {
      ...draft,
      expect: {},
      headers: {},
      hasVariables: false,
      isPaused: false,
      lost: [],
      doubts: [],
    };
    this.drafts.push(whole);
    return whole;
  }

  leave(origin: Origin, text: string): void {
    this.left.push({ origin, text });
  }
}

export const originOf = (part: Part, name: string): Origin => ({ file: part.file, line: part.line, name });

/** Basic credentials as a browser sends them. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Notes a request that Parallax would not make. Nothing for GET without a body. */
export const takeMethod = (draft: Draft, method: string | undefined, hasBody: boolean): void => {
  const verb = (method ?? "GET").trim().toUpperCase();
  if (verb === "HEAD" || verb === "OPTIONS")
    draft.lost.push(`method ${verb}: Parallax asks by GET; see that this URL answers it alike`);
  else if (verb !== "GET" && verb !== "")
    draft.doubts.push(`method ${verb}: Parallax asks by GET; name a URL that answers GET`);
  else if (hasBody) draft.doubts.push("a body is sent: Parallax sends none; name a URL that needs none");
};

/** Notes a check that does not verify TLS certificates. */
export const takeInsecure = (draft: Draft, setting: string): void => {
  draft.doubts.push(
    `${setting}: Parallax always checks certificates; give the node one that is valid, or watch it by tcp://`,
  );
};

/** Host and port as part of a URL, with brackets around IPv6. */
export const authority = (host: string, port?: number | string): string => {
  const bare = host.trim().replace(/^\[|\]$/g, "");
  const name = bare.includes(":") ? `[${bare}]` : bare;
  return port === undefined || port === "" ? name : `${name}:${port}`;
};
