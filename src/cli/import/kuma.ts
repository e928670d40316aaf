import { ownOf } from "../../domain/own.ts";
import {
  authority,
  basic,
  type Draft,
  type Haul,
  type Origin,
  originOf,
  takeInsecure,
  takeMethod,
} from "./draft.ts";
import { type Part, partOf, type ImportSource } from "./part.ts";
import { type Range, rangeOf, takeStatuses } from "./statuses.ts";

const SECOND_MS = 1_000;

/** Kinds of monitors without an equivalent in Parallax, and what to use instead. */
const UNASKED: Readonly<Record<string, string>> = {
  ping: "ICMP: Workers has none; watch a port of the host by tcp://",
  push: "results are pushed to it: make a target of what pushes them, and let its node send heartbeats (POST …/heartbeats)",
  docker: "the state of a container: watch its port, and let parallax agent report its process",
  steam: "asks by UDP: watch a TCP port of the host",
  gamedig: "asks by UDP: watch a TCP port of the host",
  radius: "asks by UDP: watch a TCP port of the host",
  snmp: "asks by UDP: watch a TCP port of the host",
  "tailscale-ping": "a ping inside a tailnet: a remote vantage there can watch a port by tcp://",
  "real-browser": "a browser: watch the page by https:// with expect.bodyIncludes",
  mqtt: "MQTT: watch its port by tcp://",
  "kafka-producer": "Kafka: watch a broker's port by tcp://",
  rabbitmq: "RabbitMQ's API: watch it by https:// with a header",
  sqlserver: "a query to SQL Server: watch its port by tcp://",
  mysql: "a query to MySQL: watch its port by tcp://",
  mongodb: "a query to MongoDB: watch its port by tcp://",
  "grpc-keyword": "gRPC: watch it by tcp:// or tls://",
  manual: "its state is set by hand",
  smtp: "SMTP: watch its port by tcp:// with expect.bodyIncludes 220",
};

/** A monitor, with what its reader needs. */
interface Monitor {
  part: Part;
  origin: Origin;
  site: string | undefined;
  name: string;
  type: string;
  haul: Haul;
}

const text = (part: Part, key: string): string => part.at(key).text()?.trim() ?? "";

/** Kuma keeps headers as JSON in a text. */
const takeHeaders = (draft: Draft, part: Part): void => {
  const written = text(part, "headers");
  if (written === "") return;
  try {
    const headers = JSON.parse(written) as unknown;
    if (typeof headers !== "object" || headers === null || Array.isArray(headers)) throw new Error();
    for (const [name, value] of Object.entries(headers)) draft.headers[name] = String(value);
  } catch {
    part.at("headers").complain('must be JSON in a text: "{\\"x-key\\": \\"…\\"}"');
  }
};

const takeAuth = (draft: Draft, part: Part): void => {
  const method = text(part, "authMethod");
  const user = text(part, "basic_auth_user");
  if (user !== "" && (method === "" || method === "basic"))
    draft.headers["authorization"] = basic(user, text(part, "basic_auth_pass"));
  else if (method !== "" && method !== "basic")
    draft.doubts.push(`authMethod ${method}: Parallax sends headers alone; name a URL that needs no more`);
};

const takeKeyword = (draft: Draft, { part, type }: Monitor): void => {
  const keyword = text(part, "keyword");
  if (type === "keyword" && part.at("invertKeyword").flag())
    draft.doubts.push("invertKeyword: Parallax looks for a text that must be there; set expect.bodyIncludes");
  else if (type === "keyword" && keyword !== "") draft.expect["bodyIncludes"] = keyword;
  if (type === "json-query")
    draft.lost.push("jsonPath: Parallax reads no JSON; expect.bodyIncludes is a text that must be there");
};

/** `["200-299", "404"]`. */
const takeCodes = (draft: Draft, part: Part): void => {
  const codes = part.at("accepted_statuscodes");
  const ranges = codes.list().flatMap((code): Range[] => {
    const range = rangeOf(code.text() ?? "");
    if (range === undefined) code.complain("must be a status, or the first and the last of many: 200-299");
    return range === undefined ? [] : [range];
  });
  if (ranges.length > 0) takeStatuses(draft, ranges);
};

const readWeb = (monitor: Monitor): Draft | undefined => {
  const { part, origin, site, name, haul } = monitor;
  const url = part.at("url").needed("what to ask: https://example.com/health");
  if (url === undefined) return undefined;
  const draft = haul.draft(origin, site, name, url);
  takeMethod(draft, part.at("method").text(), text(part, "body") !== "");
  takeHeaders(draft, part);
  takeAuth(draft, part);
  takeCodes(draft, part);
  takeKeyword(draft, monitor);
  if (part.at("ignoreTls").flag()) takeInsecure(draft, "ignoreTls");
  if (part.at("proxyId").isThere)
    draft.doubts.push("a proxy: Parallax asks without one; a remote vantage stands where the proxy does");
  if (part.at("expiryNotification").flag())
    draft.lost.push("expiryNotification: expect.certDays reports a certificate that ends soon, as a fault");
  return draft;
};

const readPort = ({ part, origin, site, name, haul }: Monitor): Draft | undefined => {
  const host = part.at("hostname").needed("the host: db-1.example");
  const port = part.at("port").number();
  if (port === undefined) part.at("port").complain("is missing: a port of 1 to 65535");
  return host === undefined || port === undefined
    ? undefined
    : haul.draft(origin, site, name, `tcp://${authority(host, port)}`);
};

/** Takes the first name server of the list. The port is the same for all. */
const readDns = ({ part, origin, site, name, haul }: Monitor): Draft | undefined => {
  const host = part.at("hostname").needed("the name to ask for: example.com");
  if (host === undefined) return undefined;
  const [server = "", ...more] = (text(part, "dns_resolve_server") || "1.1.1.1").split(",");
  const place = authority(server, text(part, "port") || 53);
  const type = text(part, "dns_resolve_type") || "A";
  const draft = haul.draft(origin, site, name, `dns://${place}/${host.replace(/\.$/, "")}?type=${type}`);
  if (more.length > 0) draft.lost.push("dns_resolve_server: a target asks one name server, here the first");
  return draft;
};

/** Takes only the server's address: probes do not log in. */
const readStore = ({ part, origin, site, name, type, haul }: Monitor): Draft | undefined => {
  const field = part.at("databaseConnectionString");
  const written = field.needed(`where it is: ${type}://db-1.example`);
  if (written === undefined) return undefined;
  const place = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?#@]+)/i.exec(written)?.[1];
  if (place === undefined) return field.complain(`must be ${type}://host:port`);
  const draft = haul.draft(origin, site, name, `${type}://${place}`);
  if (type === "postgres") draft.expect["ready"] = true;
  draft.lost.push("login and query: Parallax asks whether the server is ready, and does not log in");
  return draft;
};

const READ: Readonly<Record<string, (monitor: Monitor) => Draft | undefined>> = {
  http: readWeb,
  keyword: readWeb,
  "json-query": readWeb,
  port: readPort,
  dns: readDns,
  postgres: readStore,
  redis: readStore,
};

const readMonitor = (monitor: Monitor): void => {
  const { part, origin, type, haul } = monitor;
  const read = ownOf(READ, type);
  if (read === undefined)
    return haul.leave(
      origin,
      ownOf(UNASKED, type) ?? `a monitor of type "${type}": Parallax has none like it`,
    );
  if (part.at("upsideDown").flag())
    return haul.leave(origin, "upsideDown: Parallax takes no answer for a fault, never for good");
  const draft = read(monitor);
  if (draft === undefined) return;
  const scaled = (key: string): number | undefined => {
    const seconds = part.at(key).number();
    return seconds === undefined ? undefined : seconds * SECOND_MS;
  };
  draft.intervalMs = scaled("interval");
  // Older backups have 0 or no value for the default.
  draft.timeoutMs = scaled("timeout") || undefined;
  const active = part.at("active");
  draft.isPaused = active.isThere && !active.flag();
};

/** Kuma's backup: settings of 1.x. */
export const readKuma = (sources: ImportSource[], haul: Haul): void => {
  for (const source of sources) {
    const whole = partOf(source, haul.flaws);
    if (whole === undefined) continue;
    const list = whole.at("monitorList");
    if (!list.isThere) list.complain("is missing: a backup of Uptime Kuma has a list of monitors");
    const parts = list.list();
    const groups = new Map<string, string>();
    for (const part of parts)
      if (part.at("type").text() === "group") groups.set(text(part, "id"), text(part, "name"));
    for (const part of parts) {
      const type = part.at("type").needed("its kind: http");
      if (type === undefined || type === "group") continue;
      const name = text(part, "name");
      const site = groups.get(text(part, "parent"));
      const origin = originOf(part, site === undefined ? name : `${site}/${name}`);
      readMonitor({ part, origin, site, name, type, haul });
    }
  }
  haul.hints.push(
    "Kuma's retries have no like: Parallax judges by many vantages. It follows no redirect: where a URL redirects, name where it leads. Notifications, tags, maintenance and pages are not read.",
  );
};
