import { ownOf } from "../../domain/own.ts";
import { authority, type Draft, type Haul, originOf } from "./draft.ts";
import { type Part, partOf, type ImportSource } from "./part.ts";
import { takeStatuses } from "./statuses.ts";

const SECOND_MS = 1_000;
const PORTS: Readonly<Record<string, number>> = { HTTP: 80, HTTPS: 443 };
/** The statuses that Route 53 accepts. */
const GOOD = [[200, 399]] as const;

/** Kinds of checks without an endpoint. */
const UNASKED: Readonly<Record<string, string>> = {
  CALCULATED: "a sum of other checks: a group of Parallax serves from several targets",
  CLOUDWATCH_METRIC: "a CloudWatch alarm: Parallax asks the endpoint itself; make a target of it",
  RECOVERY_CONTROL: "a switch set by hand: an override of Parallax does that",
};

const takeHost = (draft: Draft, address: string | undefined, name: string | undefined): void => {
  if (address !== undefined && name !== undefined)
    draft.doubts.push(
      `the address ${address} is asked for the host ${name}: Parallax sends the URL's own host; give the node a name and write it in the URL`,
    );
};

const readWeb = (config: Part, type: string, draft: Draft): void => {
  takeStatuses(draft, GOOD);
  const text = config.at("SearchString").text();
  if (type.endsWith("_STR_MATCH") && text !== undefined) draft.expect["bodyIncludes"] = text;
  if (draft.url.startsWith("https:") && config.at("EnableSNI").value === false)
    draft.lost.push("EnableSNI: Parallax always sends the name");
  if (draft.url.startsWith("https:")) draft.lost.push("certificates: Route 53 checks none, Parallax does");
};

/** The URL of a check; undefined where the configuration lacks it. */
const urlOf = (
  config: Part,
  type: string,
  address: string | undefined,
  domain: string | undefined,
): string | undefined => {
  const protocol = type.replace("_STR_MATCH", "");
  // With HTTPS the name comes first, for the certificate; otherwise the address, which is the node.
  const host = protocol === "HTTPS" ? (domain ?? address) : (address ?? domain);
  if (!host) return config.at("IPAddress").complain("is missing: this, or FullyQualifiedDomainName");
  const port = config.at("Port").number() ?? PORTS[protocol];
  if (port === undefined) return config.at("Port").complain("is missing: a port of 1 to 65535");
  const place = `${protocol.toLowerCase()}://${authority(host, port === PORTS[protocol] ? undefined : port)}`;
  if (protocol === "TCP") return place;
  return `${place}${(config.at("ResourcePath").text() ?? "/").replace(/^(?!\/)/, "/")}`;
};

const readCheck = (check: Part, haul: Haul): void => {
  const config = check.at("HealthCheckConfig");
  const id = check.at("Id").text() ?? "";
  const type = config.at("Type").needed("HTTP, HTTPS, HTTP_STR_MATCH, HTTPS_STR_MATCH or TCP");
  if (type === undefined) return;
  const address = config.at("IPAddress").text();
  const domain = config.at("FullyQualifiedDomainName").text();
  const named = domain ?? address ?? "";
  const origin = originOf(check, `${id} ${named}`.trim());
  const why =
    ownOf(UNASKED, type) ?? (/^(HTTPS?(_STR_MATCH)?|TCP)$/.test(type) ? undefined : `of type "${type}"`);
  if (why !== undefined) return haul.leave(origin, why);
  if (config.at("Inverted").flag())
    return haul.leave(origin, "Inverted: Parallax takes no answer for a fault, never for good");
  const url = urlOf(config, type, address, domain);
  if (url === undefined) return;
  const draft = haul.draft(origin, undefined, named, url);
  draft.intervalMs = (config.at("RequestInterval").number() ?? 30) * SECOND_MS;
  draft.isPaused = config.at("Disabled").flag();
  if (type === "TCP") return;
  readWeb(config, type, draft);
  takeHost(draft, address, domain);
};

/** Reads the output of `aws route53 list-health-checks`. */
export const readRoute53 = (sources: ImportSource[], haul: Haul): void => {
  for (const source of sources) {
    const whole = partOf(source, haul.flaws);
    const checks = whole?.at("HealthChecks");
    if (checks?.isThere === false)
      checks.complain("is missing: aws route53 list-health-checks --output json prints a list of that name");
    for (const check of checks?.list() ?? []) readCheck(check, haul);
  }
  haul.hints.push(
    "Route 53's FailureThreshold and Regions have no like: all vantages look, and what each says is weighed. Names that health checks have as tags are not in its list.",
  );
};
