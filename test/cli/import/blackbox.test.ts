import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const MODULES = `modules:
  http_2xx:
    prober: http
    timeout: 5s
    http:
      valid_status_codes: []
      fail_if_body_not_matches_regexp: ["all is well"]
  login:
    prober: http
    http:
      method: GET
      valid_status_codes: [200, 401]
      basic_auth: { username: me, password: pa55 }
      http_headers: { x-key: { values: [s3cret] } }
  post: { prober: http, http: { method: POST, body: "{}" } }
  insecure: { prober: http, http: { tls_config: { insecure_skip_verify: true } } }
  tcp_connect: { prober: tcp }
  tls: { prober: tcp, tcp: { tls: true } }
  ssh_banner: { prober: tcp, tcp: { query_response: [{ expect: "^SSH-2\\\\.0-" }] } }
  pop3: { prober: tcp, tcp: { query_response: [{ expect: "^+OK" }, { send: "QUIT" }] } }
  soa: { prober: dns, dns: { query_name: example.com, query_type: SOA, valid_rcodes: [NOERROR] } }
  icmp: { prober: icmp }
  binary: { prober: tcp, tcp: { query_response: [{ send: !!binary AAAACATSFi8= }, { expect_bytes: S }] } }
  unsaid: { prober: http, http: { bearer_token_file: /key, http_headers: { x-key: { files: [/other] } } } }
`;
const prometheus = (module: string, target: string, labels = "{}", more = ""): string => `global:
  scrape_interval: 15s
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ["a.example:9100"] }]
  - job_name: probes
    metrics_path: /probe
    params: { module: [${module}] }
    static_configs:
      - targets: ["${target}"]
        labels: ${labels}
${more}`;
const blackbox = (prom: string, ...flags: string[]) =>
  importOf("blackbox", { "blackbox.yml": MODULES, "prometheus.yml": prom }, ...flags);
const one = (module: string, target: string) => {
  const { targets, ...rest } = blackbox(prometheus(module, target));
  return { ...rest, config: Object.values(targets)[0] };
};

describe("blackbox_exporter's modules with Prometheus' targets", () => {
  it("gives a target for each that a job probes, in the site its labels name", () => {
    const { targets, text } = blackbox(
      prometheus("http_2xx", "https://shop.example/health", "{ dc: fra-1 }"),
    );
    expect(targets).toEqual({
      "fra-1/shop-example-health": {
        url: "https://shop.example/health",
        intervalMs: 15_000,
        timeoutMs: 5_000,
        expect: { bodyIncludes: "all is well" },
      },
    });
    expect(text).toContain("# prometheus.yml:10 https://shop.example/health\n");
  });

  it.each([
    ["tcp_connect", "a.example:22", { url: "tcp://a.example:22" }],
    ["tls", "a.example:443", { url: "tls://a.example:443" }],
    ["ssh_banner", "a.example:22", { expect: { bodyIncludes: "SSH-2.0-" } }],
    ["soa", "192.0.2.53", { url: "dns://192.0.2.53/example.com?type=SOA", expect: { rcode: "NOERROR" } }],
    ["http_2xx", "a.example", { url: "http://a.example" }],
    ["login", "https://a.example", { expect: { status: [200, 401] } }],
  ])("asks as the module %s does", (module, target, expected) => {
    expect(one(module, target).config).toMatchObject(expected);
  });

  it("writes no secret", () => {
    const { config, text, report } = one("login", "https://a.example");
    expect(Object.keys(config?.headers ?? {}).toSorted()).toEqual(["authorization", "x-key"]);
    expect(text + report).not.toMatch(/pa55|s3cret|bWU6/);
  });

  it.each([
    ["post", "method POST"],
    ["insecure", "insecure_skip_verify"],
  ])("pauses what would be asked something else: %s", (module, why) => {
    const { config, text } = one(module, "https://a.example");
    expect(config?.paused).toBe(true);
    expect(text).toContain(`# paused: ${why}`);
  });

  it.each([
    ["icmp", "a.example", "ICMP"],
    ["nowhere", "a.example", 'its module "nowhere" is in none of the files'],
    ["tcp_connect", "a.example", "port"],
  ])("leaves module %s of %s behind and says what would be right", (module, target, why) => {
    const { config, report } = one(module, target);
    expect(config).toBeUndefined();
    expect(report).toContain(`prometheus.yml:10 ${target}: `);
    expect(report).toContain(why);
  });

  it("tells of bytes that are no text, and asks for secrets that stand elsewhere", () => {
    const { config, report } = one("binary", "a.example:5432");
    expect(config).not.toHaveProperty("expect");
    expect(report).toContain("query_response: Parallax sends one text");
    expect(one("unsaid", "https://a.example").config?.headers).toEqual({
      authorization: "value of IMPORTED_A_EXAMPLE_AUTHORIZATION",
      "x-key": "value of IMPORTED_A_EXAMPLE_X_KEY",
    });
  });

  it("tells of patterns that are no plain text", () => {
    const { report } = one("pop3", "a.example:110");
    expect(report).toContain("query_response: Parallax sends one text");
  });

  it("reads lists of file_sd with the job that names them, and the site of a label of one's own", () => {
    const jobs = `scrape_configs:
  - job_name: files
    metrics_path: /probe
    scrape_interval: 1m
    params: { module: [tcp_connect] }
    file_sd_configs: [{ files: ["/etc/prometheus/tcp-*.json"] }]
    relabel_configs:
      - { source_labels: [__address__], target_label: __param_target }
      - { source_labels: [rack], target_label: row }
`;
    const { targets, report } = importOf(
      "blackbox",
      {
        "conf/tcp-a.json":
          '[{"targets": ["a.example:22", "b.example:22"], "labels": {"rack": "r 7", "site": "x"}}]',
        "prometheus.yml": jobs,
        "blackbox.yml": MODULES,
      },
      "--site-label",
      "rack",
    );
    expect(Object.keys(targets)).toEqual(["r-7/a-example-22", "r-7/b-example-22"]);
    expect(report).toContain("prometheus.yml:2 files: relabel_configs that do more");
  });

  it("takes a list alone where there is one module, or where a label names it", () => {
    const list =
      '- targets: ["a.example:22"]\n  labels: { __param_module: tcp }\n- targets: ["b.example:22"]\n';
    const { targets } = importOf("blackbox", { "a.yml": list, "b.yml": "modules: { tcp: { prober: tcp } }" });
    expect(Object.keys(targets)).toHaveLength(2);
    const { report } = importOf("blackbox", { "a.yml": list, "b.yml": MODULES });
    expect(report).toContain("a.yml:1 a.example:22: its module");
    expect(report).toContain("a.yml:3 b.example:22: nothing says which module");
  });

  it.each([
    ["a: 1", "p.yml:- is none of these: a file with modules"],
    ["scrape_configs: {}", "p.yml:1 scrape_configs must be a list"],
    [prometheus("http_2xx", "").replace("15s", "soon"), "global.scrape_interval must be a time"],
    [prometheus("http_2xx", ""), "static_configs.0.targets.0 is missing: where to look"],
    ["a: b: c", "p.yml:1 "],
  ])("says what is wrong with %j", (text, flaw) => {
    expect(
      flawsOf("blackbox", { "p.yml": text, "b.yml": MODULES }).join("\n").replace("p.yml:-  ", "p.yml:- "),
    ).toContain(flaw);
  });
});
