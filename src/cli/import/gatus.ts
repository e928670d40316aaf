import { ownOf } from "../../domain/own.ts";
import { bareUrl } from "../shared/arguments/naming.ts";
import { durationMs } from "../shared/arguments/duration.ts";
import { type Draft, type Haul, originOf, takeInsecure, takeMethod } from "./draft.ts";
import { type Part, partOf, type ImportSource } from "./part.ts";
import { rangesWhere, takeStatuses } from "./statuses.ts";

/** Gatus' own default. */
const INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;

const CONDITION = /^\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.*?)\s*$/;
const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "==": (left, right) => left === right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** Reads a condition, and returns whether it could. `value`: what the condition compares with. */
type Condition = (draft: Draft, operator: string, value: string) => boolean;

const status: Condition = (draft, operator, value) => {
  const compare = COMPARE[operator];
  const any = /^any\((.*)\)$/.exec(value)?.[1]?.split(",").map(Number);
  const numbers = any ?? [Number(value)];
  if (compare === undefined || numbers.some((number) => !Number.isInteger(number))) return false;
  if (any !== undefined && operator !== "==") return false;
  takeStatuses(
    draft,
    rangesWhere((code) => numbers.some((number) => compare(code, number))),
  );
  return true;
};

const body: Condition = (draft, operator, value) => {
  if (operator !== "==") return false;
  const pattern = /^pat\((.*)\)$/s.exec(value)?.[1];
  const isDns = draft.url.startsWith("dns://");
  // For a pattern that allows anything, any record of the type is a good answer.
  if (isDns && pattern !== undefined) return /^[*.:]+$/.test(pattern);
  if (isDns && !value.includes("(")) draft.expect["answers"] = [value];
  else if (isDns) return false;
  else if (pattern === undefined && /^(any|len|has|age)\(/.test(value)) return false;
  else {
    const text = pattern === undefined ? value : pattern.replace(/^\*+/, "").replace(/\*+$/, "");
    if (text === "" || text.includes("*")) return false;
    draft.expect["bodyIncludes"] = text;
    if (pattern === undefined)
      draft.lost.push("[BODY]: must be the whole answer there; here it must contain it");
  }
  return true;
};

const CONDITIONS: Readonly<Record<string, Condition>> = {
  "[STATUS]": status,
  "[BODY]": body,
  "[CONNECTED]": (_, operator, value) => operator === "==" && value === "true",
  "[DNS_RCODE]": (draft, operator, value) => {
    if (operator !== "==") return false;
    draft.expect["rcode"] = value;
    return true;
  },
  "[CERTIFICATE_EXPIRATION]": (draft, operator, value) => {
    const leftMs = durationMs(value);
    if (leftMs === undefined || !operator.startsWith(">")) return false;
    draft.expect["certDays"] = Math.max(1, Math.ceil(leftMs / DAY_MS));
    return true;
  },
};

/** Why a condition has no equivalent here, and what to use instead. */
const UNLIKE: Readonly<Record<string, string>> = {
  "[STATUS]": "expect.status lists the statuses that are good",
  "[BODY]": "expect.bodyIncludes is one text that a good answer contains",
  "[RESPONSE_TIME]": "timeoutMs bounds an answer; what is slower than usual is judged without a bound",
  "[DOMAIN_EXPIRATION]": "Parallax asks no registry",
  "[IP]": "Parallax does not look which address a name has; a dns:// target with expect.answers does",
};

/** Takes a condition over, and returns its subject. */
const takeCondition = (draft: Draft, condition: Part): string => {
  const text = condition.text() ?? "";
  const [, subject = text, operator = "", value = ""] = CONDITION.exec(text) ?? [];
  if (operator === "") condition.complain('must be a comparison: "[STATUS] == 200"');
  if (ownOf(CONDITIONS, subject)?.(draft, operator, value) !== true) {
    const word = /\[[A-Z_]+\]/.exec(subject)?.[0] ?? subject;
    draft.lost.push(`condition on ${subject}: ${ownOf(UNLIKE, word) ?? "Parallax has none like it"}`);
  }
  return subject;
};

const takeConditions = (draft: Draft, part: Part): void => {
  const subjects = part.list().map((condition) => takeCondition(draft, condition));
  if (draft.url.startsWith("http") && !subjects.includes("[STATUS]"))
    draft.lost.push("no condition on [STATUS]: there any status is good, here any 2xx");
};

/** Schemes that Parallax cannot ask. */
const UNASKED: Readonly<Record<string, string>> = {
  icmp: "ICMP: Workers has none; watch a port of the host by tcp://",
  starttls: "STARTTLS: Parallax speaks TLS from the first byte; watch it by tls:// on a port that does",
  udp: "UDP: nothing shows whether a port is open; watch a TCP port",
  sctp: "SCTP: Parallax has none; watch a TCP port",
  ssh: "a login by SSH: watch it by tcp:// with expect.bodyIncludes SSH-",
  ws: "WebSocket: watch it by http:// with the status it answers a plain GET",
  wss: "WebSocket: watch it by https:// with the status it answers a plain GET",
  grpc: "gRPC: watch it by tcp:// or tls://",
  grpcs: "gRPC: watch it by tls://",
};

const urlOf = (endpoint: Part, url: string): string => {
  const dns = endpoint.at("dns");
  if (!dns.isThere) return url;
  const name = dns.at("query-name").needed("the name to ask for: example.com") ?? "";
  const server = url.replace(/^(udp|tcp|dns):\/\//, "");
  return `dns://${server}/${name.replace(/\.$/, "")}?type=${dns.at("query-type").text() ?? "A"}`;
};

/** Gatus fills in `$NAME` as well as `${NAME}`: both become `${NAME}`. */
const withBraces = (text: string): string =>
  text.replaceAll(/\$([A-Za-z_]\w*)/g, (_, name: string) => `\${${name}}`);

/** A GraphQL request goes by POST. */
const methodOf = (endpoint: Part): string | undefined =>
  endpoint.at("graphql").flag() ? "POST" : endpoint.at("method").text();

const takeRequest = (draft: Draft, endpoint: Part): void => {
  const sent = endpoint.at("body").text();
  if (draft.url.startsWith("http")) takeMethod(draft, methodOf(endpoint), sent !== undefined);
  else if (draft.url.startsWith("tcp:") && sent !== undefined) draft.expect["sends"] = sent;
  for (const [name, value] of endpoint.at("headers").entries())
    draft.headers[name] = withBraces(value.text() ?? "");
  const client = endpoint.at("client");
  draft.timeoutMs = client.at("timeout").duration();
  if (client.at("insecure").flag()) takeInsecure(draft, "client.insecure");
  for (const name of ["oauth2", "identity-aware-proxy", "tls", "proxy-url", "tunnel"])
    if (client.at(name).isThere)
      draft.doubts.push(`client.${name}: Parallax asks without; name a URL that needs none`);
  for (const name of ["dns-resolver", "network"])
    if (client.at(name).isThere)
      draft.lost.push(
        `client.${name}: each vantage takes its own; write an address in the URL where it matters`,
      );
};

const readEndpoint = (endpoint: Part, haul: Haul): void => {
  const name = endpoint.at("name").text() ?? bareUrl(endpoint.at("url").text() ?? "");
  const group = endpoint.at("group").text();
  const origin = originOf(endpoint, group === undefined ? name : `${group}/${name}`);
  const url = endpoint.at("url").needed("what to ask: https://example.com/health");
  if (url === undefined) return;
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? "";
  const why = endpoint.at("dns").isThere ? undefined : ownOf(UNASKED, scheme);
  if (why !== undefined) return haul.leave(origin, why);
  const draft = haul.draft(origin, group, name, urlOf(endpoint, url));
  draft.hasVariables = true;
  draft.intervalMs = endpoint.at("interval").duration() ?? INTERVAL_MS;
  const enabled = endpoint.at("enabled");
  draft.isPaused = enabled.isThere && !enabled.flag();
  takeRequest(draft, endpoint);
  takeConditions(draft, endpoint.at("conditions"));
};

/** Reads `endpoints:` of each file, which older releases called `services:`. */
export const readGatus = (sources: ImportSource[], haul: Haul): void => {
  let found = 0;
  const parts = sources.flatMap((source) => partOf(source, haul.flaws) ?? []);
  for (const part of parts) {
    const lists = ["endpoints", "services"].map((key) => part.at(key)).filter(({ isThere }) => isThere);
    for (const endpoint of lists.flatMap((list) => list.list())) readEndpoint(endpoint, haul);
    const pushed = part.at("external-endpoints").list();
    const suites = part.at("suites").list();
    for (const each of pushed)
      haul.leave(
        originOf(each, each.at("name").text() ?? ""),
        "results are pushed to it: make a target of what pushes them, and let its node send heartbeats (POST …/heartbeats)",
      );
    for (const each of suites)
      haul.leave(
        originOf(each, each.at("name").text() ?? ""),
        "a suite: its endpoints one by one are targets",
      );
    found += lists.length + pushed.length + suites.length;
  }
  const [first] = parts;
  if (found === 0 && first !== undefined && parts.length === sources.length)
    first.at("endpoints").complain("is missing: Gatus' configuration has a list of endpoints");
  haul.hints.push(
    "Gatus follows redirects, Parallax does not: where a URL redirects, name where it leads. Alerts, maintenance and pages are not read.",
  );
};
