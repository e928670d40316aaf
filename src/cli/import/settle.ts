import { isPrivatePlace } from "../../domain/address.ts";
import { type TargetBody, TargetSchema } from "../../domain/target.ts";
import { basic, type Draft, type Haul, type Origin, type Remark } from "./draft.ts";
import { NO_SITE } from "../shared/arguments/naming.ts";
import { Names } from "./fitting.ts";
import { Variables } from "./variables.ts";

/** Limits of a target (domain/target.ts). */
const INTERVAL_MS = { min: 5_000, max: 3_600_000 };
const TIMEOUT_MS = { min: 500, max: 10_000 };

export interface Settled {
  site: string;
  target: string;
  config: TargetBody;
  origin: Origin;
  /** Why the target is written paused although it was active. */
  doubts: string[];
}

/** The targets to write, and the report about them. */
export interface Settlement {
  targets: Settled[];
  lost: Remark[];
  variables: Variables;
  /** Targets at private addresses. */
  privates: string[];
}

const within = (
  draft: Draft,
  field: "intervalMs" | "timeoutMs",
  { min, max }: { min: number; max: number },
): Partial<TargetBody> => {
  const value = draft[field];
  if (value === undefined) return {};
  const nearest = Math.min(max, Math.max(min, Math.round(value)));
  if (nearest !== value) draft.lost.push(`${field}: ${value} became ${nearest}, the nearest there is`);
  return { [field]: nearest };
};

/** Turns a name and password in a URL into a header, and removes the fragment, which no client sends. */
const takeUrl = (draft: Draft): void => {
  draft.url = draft.url.replace(/#.*$/s, "");
  const [, scheme = "", user, password = "", rest = ""] =
    /^(https?:\/\/)([^/?#@:]*)(?::([^/?#@]*))?@(.*)$/s.exec(draft.url) ?? [];
  if (user === undefined) return;
  draft.url = scheme + rest;
  draft.headers["authorization"] ??= basic(decoded(user), decoded(password));
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Removes the Host header. Without it the request may reach another virtual host, so the target gets a doubt. */
const takeHeaders = (draft: Draft): void => {
  for (const name of Object.keys(draft.headers))
    if (name.toLowerCase() === "host") {
      delete draft.headers[name];
      draft.doubts.push(
        "header Host: Parallax sends the URL's own; give the node a name and write it in the URL",
      );
    }
};

const withEach = (names: string[], value: (name: string) => string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, value(name)]));

const bodyOf = (draft: Draft, name: string, variables: Variables): TargetBody => {
  const headers = withEach(Object.keys(draft.headers), (header) =>
    variables.written(name, header, draft.headers[header] ?? "", draft.hasVariables),
  );
  const timeout = within(draft, "timeoutMs", TIMEOUT_MS);
  const interval = within(draft, "intervalMs", INTERVAL_MS);
  return {
    url: draft.url,
    ...interval,
    ...timeout,
    ...(Object.keys(draft.expect).length > 0 ? { expect: draft.expect } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(draft.isPaused || draft.doubts.length > 0 ? { paused: true } : {}),
  };
};

/** A copy without a field. A field of `expect` or `headers` is removed alone, unless it was the last. */
const without = (config: TargetBody, path: readonly PropertyKey[]): TargetBody => {
  const [field = "", inner] = path.map(String);
  const own = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    if (key !== field) return [[key, value]];
    if (inner === undefined || typeof value !== "object") return [];
    const kept = Object.entries(value as object).filter(([name]) => name !== inner);
    return kept.length === 0 ? [] : [[key, Object.fromEntries(kept)]];
  });
  return Object.fromEntries(own) as TargetBody;
};

/**
 * The part of a target that Parallax accepts. Fields that the schema of `apply` refuses are removed, with the reason noted, so that the
 * file can always be applied. Returns only the reason where the URL itself is refused.
 */
const accepted = (draft: Draft, wanted: TargetBody): { config: TargetBody } | { why: string } => {
  let config = wanted;
  for (;;) {
    const { error } = TargetSchema.safeParse(config);
    const [issue] = error?.issues ?? [];
    if (issue === undefined) return { config };
    const [key] = issue.code === "unrecognized_keys" ? issue.keys : [];
    const path = key === undefined ? issue.path : [...issue.path, key];
    if (path[0] === "url" || path.length === 0) return { why: `its URL ${issue.message}` };
    draft.lost.push(`${path.slice(0, 2).map(String).join(".")}: ${issue.message}`);
    config = without(config, path);
  }
};

/** A reference that the source's own tool fills in, but that `apply` does not fill in within a URL. */
const REFERENCE = /\$\{|\$[A-Za-z_]\w+/;

/** The most targets that one file holds. */
export const MAX_TARGETS = 10_000;

/** Applies names, limits and the schema to all drafts. `site`: the site of all targets, where it is given. */
export const settledNames = (haul: Haul, site: string | undefined): Settlement => {
  const names = new Names();
  const settlement: Settlement = {
    targets: [],
    lost: [...haul.lost],
    variables: new Variables(),
    privates: [],
  };
  for (const draft of haul.drafts) {
    const { origin } = draft;
    if (draft.hasVariables && REFERENCE.test(draft.url)) {
      haul.leave(origin, "its URL holds a variable, which apply fills in for headers alone: write the value");
      continue;
    }
    takeUrl(draft);
    takeHeaders(draft);
    // The URL is checked first, so that a target that is not written takes no name and no variables.
    const { error } = TargetSchema.shape.url.safeParse(draft.url);
    if (error !== undefined) {
      haul.leave(origin, `its URL ${error.issues[0]?.message ?? "is none"}`);
      continue;
    }
    const siteName = names.site(site ?? draft.site ?? NO_SITE);
    const target = names.target(siteName, draft.name);
    const name = `${siteName}/${target}`;
    const result = accepted(draft, bodyOf(draft, name, settlement.variables));
    if ("why" in result) haul.leave(origin, result.why);
    else {
      settlement.targets.push({
        site: siteName,
        target,
        config: result.config,
        origin,
        doubts: draft.doubts,
      });
      settlement.variables.need(name, result.config.headers ?? {});
      if (isPrivatePlace(draft.url)) settlement.privates.push(name);
      settlement.lost.push(...[...draft.doubts, ...draft.lost].map((text) => ({ origin, text })));
    }
  }
  return settlement;
};
