/** How a backend checks its servers, by all of its lines together. */
import { ownOf } from "../../domain/own.ts";
import type { Draft } from "./draft.ts";
import { takeMethod } from "./draft.ts";
import type { HaproxyLine } from "./haproxy-lines.ts";
import { literalOf } from "./literal.ts";
import { type Range, rangeOf, rangesWhere, takeStatuses } from "./statuses.ts";

/** The kind of the check. `other`: Parallax has no equivalent. */
type Kind = "connect" | "http" | "tcp" | "tls" | "postgres" | "redis" | "other";

export interface HaproxyCheck {
  kind: Kind;
  /** The check's name in HAProxy. */
  option: string;
  method: string;
  path: string;
  host: string | undefined;
  headers: Record<string, string>;
  hasBody: boolean;
  statuses: readonly Range[] | undefined;
  bodyIncludes: string | undefined;
  sends: string | undefined;
  /** Lines without an equivalent. */
  lost: string[];
}

/** The kind by the word after `option`. */
const OPTIONS: Readonly<Record<string, Kind>> = {
  httpchk: "http",
  "tcp-check": "tcp",
  "ssl-hello-chk": "tls",
  "pgsql-check": "postgres",
  "redis-check": "redis",
  "mysql-check": "other",
  smtpchk: "other",
  "ldap-check": "other",
  "spop-check": "other",
  "external-check": "other",
};

/** Options with a name like a check's, that say nothing about how servers are asked. */
const NO_CHECKS = ["log-health-checks", "checkcache", "lb-agent-chk"];

/** Whether an option looks like a check and is none that is known. */
export const isStrangeCheck = (option: string): boolean =>
  /ch[ec]*k/.test(option) && ownOf(OPTIONS, option) === undefined && !NO_CHECKS.includes(option);

/** HAProxy's own defaults for `option httpchk`. */
const none = (): HaproxyCheck => ({
  kind: "connect",
  option: "",
  method: "OPTIONS",
  path: "/",
  host: undefined,
  headers: {},
  hasBody: false,
  statuses: undefined,
  bodyIncludes: undefined,
  sends: undefined,
  lost: [],
});

/** `option httpchk [METHOD] URI [VERSION]`. Older configurations put headers behind `\r\n` in the version. */
const takeRequestLine = (check: HaproxyCheck, words: string[]): void => {
  const [first, second, ...version] = words;
  if (first !== undefined) check.path = second ?? first;
  if (second !== undefined) check.method = first ?? check.method;
  for (const header of version.join(" ").split(/\r?\n/).slice(1)) {
    const [, name, value = ""] = /^([^:\s]+):\s*(.*)$/.exec(header) ?? [];
    if (name !== undefined) takeHeader(check, name, value);
  }
};

const takeHeader = (check: HaproxyCheck, name: string, value: string): void => {
  if (name.toLowerCase() === "host") check.host = value;
  else check.headers[name] = value;
};

/** `http-check send [meth M] [uri U] [ver V] [hdr NAME VALUE]… [body B]`. */
const takeSend = (check: HaproxyCheck, words: string[]): void => {
  for (let at = 0; at < words.length; at++) {
    const [word, next = "", after = ""] = words.slice(at);
    if (word === "meth") check.method = next;
    else if (word === "uri") check.path = next;
    else if (word === "hdr") takeHeader(check, next, after);
    else if (word === "body" || word === "body-lf") check.hasBody = true;
    at += word === "hdr" ? 2 : 1;
  }
};

const statusesBy = (pattern: string): Range[] | undefined => {
  try {
    const expression = new RegExp(pattern);
    return rangesWhere((code) => expression.test(String(code)));
  } catch {
    return undefined;
  }
};

/** `[min-recv N] [comment …] [!] (status | rstatus | string | rstring) PATTERN`. False: there is no equivalent. */
const takeExpect = (check: HaproxyCheck, words: string[]): boolean => {
  const at = words.findIndex((word) => /^(r?status|r?string)$/.test(word));
  const [match, pattern = ""] = words.slice(Math.max(0, at));
  if (at < 0 || words.slice(0, at).includes("!")) return false;
  if (match === "string" || match === "rstring") {
    const text = match === "string" ? pattern : literalOf(pattern);
    if (text === undefined || check.bodyIncludes !== undefined) return false;
    check.bodyIncludes = text;
    return true;
  }
  const listed = pattern.split(",").map(rangeOf);
  const ranges = match === "rstatus" ? statusesBy(pattern) : listed.filter((range) => range !== undefined);
  if (ranges === undefined || ranges.length === 0) return false;
  check.statuses = [...(check.statuses ?? []), ...ranges];
  return true;
};

const takeStep = (check: HaproxyCheck, [rule = "", action = "", ...rest]: string[]): boolean => {
  if (action === "comment" || action === "disable-on-404") return true;
  if (action === "connect") return rest.length === 0;
  if (action === "expect") return takeExpect(check, rest);
  if (action !== "send") return false;
  if (rule === "http-check") takeSend(check, rest);
  else if (check.sends === undefined) check.sends = rest[0] ?? "";
  else return false;
  return true;
};

/** The kind that a line asks for: `option NAME …`, `no option NAME`. */
const kindOf = ({ words: [word, second = "", third = ""] }: HaproxyLine): Kind | undefined => {
  if (word === "option") return ownOf(OPTIONS, second);
  return word === "no" && second === "option" && ownOf(OPTIONS, third) !== undefined ? "connect" : undefined;
};

/** The check of a section, from its own lines, or else from its defaults. The last option counts, wherever its rules stand. */
export const haproxyCheckOf = (
  defaults: readonly HaproxyLine[],
  own: readonly HaproxyLine[],
): HaproxyCheck => {
  const last = [...defaults, ...own].findLast((line) => kindOf(line) !== undefined);
  const kind = (last && kindOf(last)) ?? "connect";
  const [, option = "", ...rest] = last?.words ?? [];
  const check: HaproxyCheck = { ...none(), kind, option };
  if (kind === "http") takeRequestLine(check, rest);
  const rule = `${kind}-check`;
  const isRule = ({ words: [word] }: HaproxyLine): boolean => word === rule;
  const rules = own.some(isRule) ? own.filter(isRule) : defaults.filter(isRule);
  for (const { words } of rules)
    if (!takeStep(check, words))
      check.lost.push(`${words.slice(0, 3).join(" ")}: Parallax looks for statuses and for one plain text`);
  return check;
};

/** The statuses that HAProxy accepts by default: 2xx and 3xx. */
const GOOD: readonly Range[] = [[200, 399]];

/** Takes the check over into the draft of one server. */
export const takeCheck = (draft: Draft, check: HaproxyCheck): void => {
  draft.lost.push(...check.lost);
  if (check.kind === "http") {
    takeMethod(draft, check.method, check.hasBody);
    takeStatuses(draft, check.statuses ?? GOOD);
    Object.assign(draft.headers, check.headers);
    if (check.host !== undefined)
      draft.doubts.push(
        `asked for the host ${check.host}: Parallax sends the URL's own; give the node a name and write it in the URL`,
      );
  }
  if (check.kind === "postgres") draft.expect["ready"] = true;
  if (check.kind === "other")
    draft.lost.push(
      `option ${check.option}: only whether its port opens is asked; expect.bodyIncludes asks more`,
    );
  const hasWords = check.kind === "http" || (check.kind === "tcp" && draft.url.startsWith("tcp:"));
  if (hasWords && check.bodyIncludes !== undefined) draft.expect["bodyIncludes"] = check.bodyIncludes;
  if (hasWords && check.sends !== undefined) draft.expect["sends"] = check.sends;
};
