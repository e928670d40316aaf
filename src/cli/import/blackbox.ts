import { ownOf } from "../../domain/own.ts";
import { bareUrl, shortOf } from "../shared/arguments/naming.ts";
import { basic, type Draft, type Haul, type Origin, takeInsecure, takeMethod } from "./draft.ts";
import { literalOf } from "./literal.ts";
import { type Part, partOf, type ImportSource } from "./part.ts";
import type { Settings } from "./settings.ts";
import { type Range, rangeOf, takeStatuses } from "./statuses.ts";

/** Prometheus' own default. */
const INTERVAL_MS = 60_000;

/** A list of targets and their common settings. */
interface Listed {
  targets: Part;
  labels: Record<string, string>;
  module: string | undefined;
  intervalMs: number;
  timeoutMs: number | undefined;
}

/** Makes the draft of a target that a module probes. */
type Reader = (module: Part, address: string, make: (url: string) => Draft) => void;

/** Takes over texts that must be in the body, from regular expressions that are plain texts. */
const takePatterns = (draft: Draft, patterns: Part): void => {
  for (const pattern of patterns.list()) {
    const text = literalOf(pattern.text() ?? "");
    if (text === undefined || draft.expect["bodyIncludes"] !== undefined)
      draft.lost.push(
        `${patterns.key}: expect.bodyIncludes is one plain text, and no regular expression: ${pattern.text() ?? ""}`,
      );
    else draft.expect["bodyIncludes"] = text;
  }
};

/** Stands for a secret in another file, of which only the path is given. The secret becomes a variable too. */
const ELSEWHERE = "(in another file)";

const takeLogin = (draft: Draft, http: Part): void => {
  const login = http.at("basic_auth");
  const user = login.at("username").text();
  if (user !== undefined && login.at("password").isThere)
    draft.headers["authorization"] = basic(user, login.at("password").text() ?? "");
  else if (login.isThere) draft.headers["authorization"] = `Basic ${ELSEWHERE}`;
  const [bearer] = ["bearer_token", "bearer_token_file", "authorization"]
    .map((key) => http.at(key))
    .filter(({ isThere }) => isThere);
  if (bearer === undefined) return;
  const token = bearer.isMap ? bearer.at("credentials").text() : bearer.text();
  draft.headers["authorization"] = `Bearer ${token ?? ELSEWHERE}`;
};

/** Settings with which the module sends another request than Parallax would. */
const DOUBTED = ["proxy_url", "proxy_from_environment", "oauth2"];
const LOST: Readonly<Record<string, string>> = {
  accept_any_response: "there any status is good, here any 2xx: expect.status lists what is",
  fail_if_body_matches_regexp: "Parallax looks for a text that must be there: expect.bodyIncludes",
  fail_if_header_matches: "Parallax looks at no headers",
  fail_if_header_not_matches: "Parallax looks at no headers",
  fail_if_body_json_matches_cel: "Parallax reads no JSON: expect.bodyIncludes",
  fail_if_body_json_not_matches_cel: "Parallax reads no JSON: expect.bodyIncludes",
  valid_http_versions: "Parallax takes any",
  fail_if_ssl: "the scheme of the URL says it",
  fail_if_not_ssl: "the scheme of the URL says it: write https://",
};

const takeCodes = (draft: Draft, codes: Part): void => {
  const ranges = codes.list().flatMap((code): Range[] => {
    const range = rangeOf(code.text() ?? "");
    if (range === undefined) code.complain("must be a status: 200");
    return range === undefined ? [] : [range];
  });
  if (ranges.length > 0) takeStatuses(draft, ranges);
};

/** Takes over the connection settings of both probers. */
const takeConnection = (draft: Draft, asked: Part): void => {
  if (asked.at("tls_config", "insecure_skip_verify").flag()) takeInsecure(draft, "insecure_skip_verify");
  for (const key of DOUBTED)
    if (asked.at(key).isThere) draft.doubts.push(`${key}: Parallax asks without; name a URL that needs none`);
  for (const key of ["ca_file", "cert_file", "server_name"])
    if (asked.at("tls_config", key).isThere)
      draft.doubts.push(`tls_config.${key}: Parallax takes public certificates and sends the URL's name`);
};

const readHttp: Reader = (module, address, make) => {
  const http = module.at("http");
  const draft = make(/^https?:\/\//.test(address) ? address : `http://${address}`);
  takeMethod(draft, http.at("method").text(), http.at("body").isThere || http.at("body_file").isThere);
  takeCodes(draft, http.at("valid_status_codes"));
  for (const [name, value] of http.at("headers").entries()) draft.headers[name] = value.text() ?? "";
  for (const [name, value] of http.at("http_headers").entries())
    draft.headers[name] = value.at("values", 0).text() ?? value.at("secrets", 0).text() ?? ELSEWHERE;
  takeLogin(draft, http);
  takePatterns(draft, http.at("fail_if_body_not_matches_regexp"));
  takeConnection(draft, http);
  for (const [key, why] of Object.entries(LOST))
    if (http.at(key).isThere && http.at(key).value !== false) draft.lost.push(`${key}: ${why}`);
};

/** Takes over the first `send` and the first `expect`. Bytes that are not text (`!!binary`, `expect_bytes`) have no equivalent. */
const takeSteps = (draft: Draft, steps: Part[]): void => {
  const texts = (key: string): Part[] =>
    steps
      .map((step) => step.at(key))
      .filter(({ value }) => value !== undefined && !(value instanceof Uint8Array));
  const [sends] = texts("send");
  const [awaited] = texts("expect");
  const text = literalOf(awaited?.text() ?? "");
  if (sends !== undefined) draft.expect["sends"] = `${sends.text() ?? ""}\n`;
  if (text !== undefined) draft.expect["bodyIncludes"] = text;
  const taken = (sends === undefined ? 0 : 1) + (text === undefined ? 0 : 1);
  if (steps.flatMap((step) => step.entries()).length > taken)
    draft.lost.push("query_response: Parallax sends one text and looks for one plain text in what comes");
};

const readTcp: Reader = (module, address, make) => {
  const tcp = module.at("tcp");
  const isTls = tcp.at("tls").flag();
  const steps = tcp.at("query_response").list();
  const draft = make(`${isTls ? "tls" : "tcp"}://${address.replace(/^tcp:\/\//, "")}`);
  takeConnection(draft, tcp);
  if (isTls && steps.length > 0)
    draft.lost.push("query_response: a tls:// target is asked for its handshake alone");
  else takeSteps(draft, steps);
  if (steps.some((step) => step.at("starttls").flag()))
    draft.lost.push("starttls: Parallax speaks TLS from the first byte alone");
};

const readDns: Reader = (module, address, make) => {
  const dns = module.at("dns");
  const name = dns.at("query_name").needed("the name to ask for: example.com");
  if (name === undefined) return;
  const type = dns.at("query_type").text() ?? "ANY";
  const server = address.replace(/^(dns|udp|tcp):\/\//, "");
  const draft = make(`dns://${server}/${name.replace(/(.)\.$/, "$1")}?type=${type}`);
  const [rcode, ...more] = dns.at("valid_rcodes").list();
  if (rcode !== undefined) draft.expect["rcode"] = rcode.text() ?? "";
  if (more.length > 0) draft.lost.push("valid_rcodes: a target has one good rcode, here the first");
  for (const key of ["validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs"])
    if (dns.at(key).isThere) draft.lost.push(`${key}: expect.answers lists records that must be there`);
};

const READ: Readonly<Record<string, Reader>> = { http: readHttp, tcp: readTcp, dns: readDns };
const UNASKED: Readonly<Record<string, string>> = {
  icmp: "ICMP: Workers has none; watch a port of the host by tcp://",
  grpc: "gRPC: watch it by tcp:// or tls://",
  websocket: "WebSocket: watch it by https:// with the status it answers a plain GET",
  unix: "a socket of its own host: watch what it serves, by its port",
};

/** Whether a file's name matches a pattern, in which `*` stands for anything. */
const isNamed = (file: string, pattern: string): boolean => {
  const last = pattern.split("/").at(-1) ?? "";
  const parts = last.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`).test(file.split(/[/\\]/).at(-1) ?? "");
};

const labelsOf = (part: Part): Record<string, string> =>
  Object.fromEntries(part.entries().map(([name, value]) => [name, value.text() ?? ""]));

/** A part of a file_sd list or of `static_configs`. */
const listed = (part: Part, common: Omit<Listed, "targets" | "labels">): Listed => {
  const labels = labelsOf(part.at("labels"));
  const module = labels["__param_module"] ?? common.module ?? labels["module"];
  return { ...common, targets: part.at("targets"), labels, module };
};

const readJob = (job: Part, whole: Part, files: Part[], used: Set<Part>): Listed[] => {
  const module = job.at("params", "module", 0).text();
  const global = whole.at("global");
  const common = {
    module,
    intervalMs:
      job.at("scrape_interval").duration() ?? global.at("scrape_interval").duration() ?? INTERVAL_MS,
    timeoutMs: job.at("scrape_timeout").duration() ?? global.at("scrape_timeout").duration(),
  };
  const patterns = job
    .at("file_sd_configs")
    .list()
    .flatMap((each) => each.at("files").list());
  const named = files.filter(({ file }) => patterns.some((pattern) => isNamed(file, pattern.text() ?? "")));
  const isProbe = module !== undefined || job.at("metrics_path").text() === "/probe";
  for (const each of named) used.add(each);
  return [...job.at("static_configs").list(), ...named.flatMap((each) => each.list())]
    .map((each) => listed(each, common))
    .filter((each) => isProbe || each.labels["__param_module"] !== undefined);
};

/** Labels of rules that only pass the address on, as in every example. */
const USUAL = ["__param_target", "instance", "__address__", "__param_module", "module"];

const hintAtRules = (job: Part, haul: Haul): void => {
  const strange = job
    .at("relabel_configs")
    .list()
    .filter((rule) => !USUAL.includes(rule.at("target_label").text() ?? ""));
  if (strange.length > 0)
    haul.hints.push(
      `${job.file}:${job.line ?? ""} ${job.at("job_name").text() ?? ""}: relabel_configs that do more than hand the address on are not read.`,
    );
};

/** Sorts the files by their shape. */
const sorted = (sources: ImportSource[], haul: Haul): { modules: Part[]; jobs: Part[]; files: Part[] } => {
  const parts = sources.flatMap((source) => partOf(source, haul.flaws) ?? []);
  const modules = parts.filter((part) => part.at("modules").isThere);
  const jobs = parts.filter((part) => part.at("scrape_configs").isThere);
  const files = parts.filter(({ isList }) => isList);
  for (const part of parts)
    if (![...modules, ...jobs, ...files].includes(part))
      part.complain(
        "is none of these: a file with modules (blackbox_exporter), one with scrape_configs (Prometheus), a list of targets (file_sd)",
      );
  return { modules, jobs, files };
};

const readTarget = (
  target: Part,
  group: Listed,
  modules: Map<string, Part>,
  haul: Haul,
  settings: Settings,
): void => {
  const address = target.needed("where to look: https://example.com");
  if (address === undefined) return;
  const origin: Origin = { file: target.file, line: target.line, name: bareUrl(address) };
  const [only] = modules.size === 1 ? modules.keys() : [];
  const name = group.module ?? only;
  const module = modules.get(name ?? "");
  if (name === undefined)
    return haul.leave(
      origin,
      "nothing says which module: give Prometheus' configuration too, whose jobs name one",
    );
  if (module === undefined)
    return haul.leave(
      origin,
      `its module "${name}" is in none of the files: give blackbox_exporter's configuration too`,
    );
  const prober = module.at("prober").text() ?? "";
  const read = ownOf(READ, prober);
  if (read === undefined)
    return haul.leave(origin, ownOf(UNASKED, prober) ?? `its module's prober "${prober}" has no like`);
  const label = settings.siteLabels.find((each) => (group.labels[each] ?? "") !== "");
  read(module, address, (url) => {
    const draft = haul.draft(
      origin,
      label === undefined ? undefined : group.labels[label],
      shortOf(address),
      url,
    );
    draft.intervalMs = group.intervalMs;
    draft.timeoutMs = module.at("timeout").duration() ?? group.timeoutMs;
    return draft;
  });
};

/** Reads modules, jobs and lists of targets, in any distribution over the files. */
export const readBlackbox = (sources: ImportSource[], haul: Haul, settings: Settings): void => {
  const { modules, jobs, files } = sorted(sources, haul);
  const byName = new Map(modules.flatMap((part) => part.at("modules").entries()));
  const used = new Set<Part>();
  const groups = jobs.flatMap((whole) =>
    whole
      .at("scrape_configs")
      .list()
      .flatMap((job) => {
        const found = readJob(job, whole, files, used);
        if (found.length > 0) hintAtRules(job, haul);
        return found;
      }),
  );
  const common = { module: undefined, intervalMs: INTERVAL_MS, timeoutMs: undefined };
  for (const file of files)
    if (!used.has(file)) groups.push(...file.list().map((part) => listed(part, common)));
  for (const group of groups)
    for (const target of group.targets.list()) readTarget(target, group, byName, haul, settings);
  haul.hints.push(
    "blackbox_exporter follows redirects unless told not to, Parallax does not: where a URL redirects, name where it leads. Jobs that probe nothing are passed over.",
  );
};
