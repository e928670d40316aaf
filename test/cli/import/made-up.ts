import fc from "fast-check";

/** The secret in every header and password that is made up here. No output may contain it. */
export const SECRET = "s3cret";

const any = fc.oneof(
  fc.string({ unit: "binary", maxLength: 90 }),
  fc.constantFrom(
    "Shop",
    "0123",
    "true",
    "null",
    "1e5",
    "~",
    "- a",
    "#",
    "constructor",
    "__proto__",
    "${A}",
    "a: b",
  ),
);
const host = fc.constantFrom(
  "a.example",
  "192.0.2.7",
  "10.0.0.1",
  "2001:db8::7",
  "*",
  "ä.example",
  "$HOST",
  "a b",
  "",
);
const port = fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.constantFrom("80", "http"));
const url = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("http", "https", "tcp", "tls", "icmp", "ftp"),
      host,
      port,
      fc.constantFrom("", "/", "/a?b=c#d", "/%zz"),
    )
    .map(([scheme, name, number, path]) => `${scheme}://${name}:${number}${path}`),
  fc.constantFrom("https://a.example/health", `https://me:${SECRET}@a.example`, "tcp://a.example:22"),
);
const header = fc.constantFrom(
  "Authorization",
  "X-Key",
  "Host",
  "User-Agent",
  "cf-ray",
  "a b",
  "Ä",
  "x".repeat(70),
);
const headers = fc.dictionary(
  header,
  fc.constantFrom(SECRET, `Bearer ${SECRET}`, `${SECRET}\${`, `${SECRET}\n`),
);
const number = fc.oneof(fc.integer({ min: -5, max: 90_000 }), fc.double({ noNaN: true, min: -1, max: 1e6 }));
const time = fc.constantFrom("1ms", "5s", "1m30s", "2h", "9d", "0");
const text = fc.oneof(any, fc.string({ maxLength: 1_100, minLength: 1_000 }));
const some = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }, ...needed: (keyof T)[]) =>
  fc.record(model, { requiredKeys: needed });
const lists = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 6 });

/** Files, and the number of things that they watch. */
interface Made {
  files: Record<string, string>;
  count: number;
}
const json = (value: unknown): string => JSON.stringify(value);

const condition = fc
  .tuple(
    fc.constantFrom(
      "[STATUS]",
      "[BODY]",
      "[BODY].a",
      "[CONNECTED]",
      "[DNS_RCODE]",
      "[CERTIFICATE_EXPIRATION]",
      "[IP]",
    ),
    fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
    fc.oneof(
      text,
      fc.constantFrom("200", "any(200, 999)", "pat(*a*)", "pat(*)", "NOERROR", "48h", "9999d", "0"),
    ),
  )
  .map((parts) => parts.join(" "));
const gatus = lists(
  some(
    {
      name: any,
      group: any,
      url,
      method: fc.constantFrom("GET", "POST", "HEAD"),
      body: text,
      headers,
      interval: time,
      enabled: fc.boolean(),
      conditions: lists(condition),
      dns: some({ "query-name": any, "query-type": fc.constantFrom("A", "MX", "ANY") }, "query-name"),
      client: some({ timeout: time, insecure: fc.boolean() }),
    },
    "url",
  ),
).map((endpoints): Made => ({ files: { "gatus.yaml": json({ endpoints }) }, count: endpoints.length }));

const kuma = lists(
  some(
    {
      id: fc.integer({ min: 1, max: 4 }),
      parent: fc.integer({ min: 1, max: 4 }),
      name: any,
      type: fc.constantFrom(
        "http",
        "keyword",
        "port",
        "dns",
        "postgres",
        "redis",
        "push",
        "group",
        "valueOf",
      ),
      url,
      hostname: host,
      port,
      interval: number,
      timeout: number,
      active: fc.boolean(),
      method: fc.constantFrom("GET", "PUT"),
      keyword: text,
      accepted_statuscodes: lists(fc.constantFrom("200-299", "100-599", "404", "600-700", "100-101")),
      headers: headers.map(json),
      basic_auth_user: any,
      basic_auth_pass: fc.constant(SECRET),
      dns_resolve_server: host,
      dns_resolve_type: fc.constantFrom("A", "CAA", "TXT"),
      databaseConnectionString: host.map((name) => `postgres://me:${SECRET}@${name}/x`),
    },
    "type",
  ),
).map((monitorList): Made => ({
  files: { "kuma.json": json({ monitorList }) },
  count: monitorList.filter(({ type }) => type !== "group").length,
}));

const modules = fc.dictionary(
  fc.constantFrom("a", "b", "c"),
  some(
    {
      prober: fc.constantFrom("http", "tcp", "dns", "icmp", "toString"),
      timeout: time,
      http: some({
        method: fc.constantFrom("GET", "POST"),
        valid_status_codes: lists(fc.integer({ min: 100, max: 599 })),
        headers,
        bearer_token: fc.constant(SECRET),
        fail_if_body_not_matches_regexp: lists(text),
      }),
      tcp: some({ tls: fc.boolean(), query_response: lists(some({ send: text, expect: text })) }),
      dns: some(
        { query_name: any, query_type: fc.constantFrom("A", "ANY"), valid_rcodes: lists(any) },
        "query_name",
      ),
    },
    "prober",
  ),
  { minKeys: 1 },
);
const blackbox = fc
  .tuple(
    modules,
    lists(
      some(
        {
          targets: lists(fc.oneof(url, host)),
          labels: fc.dictionary(fc.constantFrom("site", "dc", "module"), any),
        },
        "targets",
      ),
    ),
    fc.constantFrom("a", "b"),
  )
  .map(([all, static_configs, module]): Made => {
    const job = { params: { module: [module] }, scrape_interval: "7s", static_configs };
    return {
      files: { "b.yml": json({ modules: all }), "p.yml": json({ scrape_configs: [job] }) },
      count: static_configs.reduce((sum, { targets }) => sum + targets.length, 0),
    };
  });

const word = fc.oneof(any, host).map((said) => `'${said.replaceAll(/['\n\r]/g, "")}'`);
const haproxy = fc
  .tuple(
    lists(
      fc.oneof(
        word.map((path) => `option httpchk GET ${path}`),
        fc.constantFrom(
          "option tcp-check",
          "option pgsql-check",
          "option redis-check",
          "option smtpchk",
          "timeout check 90s",
        ),
        word.map((said) => `http-check expect string ${said}`),
        fc.constantFrom(
          "http-check expect status 200-399",
          "http-check expect rstatus [",
          "http-check expect rstatus .*",
        ),
        fc
          .tuple(header, fc.constant(SECRET))
          .map(([name, value]) => `http-check send hdr '${name}' ${name === "Host" ? "a.example" : value}`),
        word.map((said) => `tcp-check send ${said}`),
      ),
    ),
    lists(
      fc
        .tuple(
          word,
          host,
          port,
          fc.constantFrom("check", "check ssl verify none", "inter 1ms", "check port 0", "disabled"),
        )
        .map(([name, place, at, words]) => `server ${name} '${place}:${at}' ${words}`),
    ),
    word,
  )
  .map(([lines, servers, name]): Made => ({
    files: { "haproxy.cfg": [`backend ${name}`, ...lines, ...servers].join("\n") },
    count: servers.length,
  }));

const uptimeflare = lists(
  some(
    {
      id: any,
      method: fc.constantFrom("GET", "TCP_PING", "POST"),
      target: url,
      timeout: number,
      headers,
      expectedCodes: lists(fc.integer({ min: 90, max: 700 })),
      responseKeyword: text,
      checkProxy: any,
    },
    "target",
  ),
).map((monitors): Made => ({
  files: { "uptime.config.ts": `const workerConfig = { monitors: ${json(monitors)} }` },
  count: monitors.length,
}));

const route53 = lists(
  some(
    {
      Type: fc.constantFrom("HTTP", "HTTPS", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "valueOf"),
      IPAddress: host,
      FullyQualifiedDomainName: host,
      Port: port,
      ResourcePath: any,
      SearchString: text,
      RequestInterval: number,
      Disabled: fc.boolean(),
      Inverted: fc.boolean(),
    },
    "Type",
  ),
).map((configs): Made => ({
  files: {
    "checks.json": json({
      HealthChecks: configs.map((HealthCheckConfig) => ({ Id: "a", HealthCheckConfig })),
    }),
  },
  count: configs.length,
}));

/** Configurations of each kind, most of them strange. */
export const MADE_UP: Record<string, fc.Arbitrary<Made>> = {
  gatus,
  kuma,
  blackbox,
  haproxy,
  uptimeflare,
  route53,
};
