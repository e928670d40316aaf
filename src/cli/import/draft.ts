import type { Misread, Part } from "./part.ts";

/** Where something stood. */
export interface Origin {
  file: string;
  line: number | undefined;
  /** As its own tool shows it. */
  name: string;
}

/** What is to be known of something that is not as it was. */
export interface Remark {
  origin: Origin;
  text: string;
}

/** A target as far as a reader knows it; whether Parallax takes it so is seen later. */
export interface Draft {
  origin: Origin;
  /** The failure domain, as far as the source says. */
  site: string | undefined;
  name: string;
  url: string;
  intervalMs: number | undefined;
  timeoutMs: number | undefined;
  expect: Record<string, unknown>;
  headers: Record<string, string>;
  /** `${NAME}` in it stood for a value from the environment. */
  hasVariables: boolean;
  isPaused: boolean;
  /** Settings that are left behind. */
  lost: string[];
  /** What makes its probe ask something else than the source did: it comes paused, for somebody to look at. */
  doubts: string[];
}

/** What readers bring home. */
export class Haul {
  readonly drafts: Draft[] = [];
  /** What was not carried over as a whole. */
  readonly left: Remark[] = [];
  /** Settings that are left behind before it is known whose they are. */
  readonly lost: Remark[] = [];
  /** What is malformed: then nothing is written. */
  readonly flaws: Misread[] = [];
  /** What concerns the kind, and not one target. */
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

/** As a browser sends them. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** What is said of a request that is none Parallax would make. Nothing for GET. */
export const takeMethod = (draft: Draft, method: string | undefined, hasBody: boolean): void => {
  const verb = (method ?? "GET").trim().toUpperCase();
  if (verb === "HEAD" || verb === "OPTIONS")
    draft.lost.push(`method ${verb}: Parallax asks by GET; see that this URL answers it alike`);
  else if (verb !== "GET" && verb !== "")
    draft.doubts.push(`method ${verb}: Parallax asks by GET; name a URL that answers GET`);
  else if (hasBody) draft.doubts.push("a body is sent: Parallax sends none; name a URL that needs none");
};

/** Checks that TLS certificates are not held against. */
export const takeInsecure = (draft: Draft, setting: string): void => {
  draft.doubts.push(
    `${setting}: Parallax always checks certificates; give the node one that is valid, or watch it by tcp://`,
  );
};

/** What makes a URL of a host and a port. IPv6 wants brackets. */
export const authority = (host: string, port?: number | string): string => {
  const bare = host.trim().replace(/^\[|\]$/g, "");
  const name = bare.includes(":") ? `[${bare}]` : bare;
  return port === undefined || port === "" ? name : `${name}:${port}`;
};
