import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const text = (...configs: object[]): string =>
  JSON.stringify(
    {
      HealthChecks: configs.map((HealthCheckConfig, index) => ({
        Id: `id-${index}`,
        CallerReference: "made-by-hand",
        HealthCheckConfig,
        HealthCheckVersion: 1,
      })),
    },
    null,
    2,
  );
const route53 = (...configs: object[]) =>
  importOf("route53", { "checks.json": text(...configs) }, "--site", "fra");
const FAR_AND_WIDE = [
  200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308,
];

describe("Route 53's health checks", () => {
  it("gives a target for each that asks an endpoint, with its id", () => {
    const { targets, text: written } = route53(
      { Type: "HTTP", IPAddress: "192.0.2.7", Port: 8080, ResourcePath: "/up", RequestInterval: 10 },
      {
        Type: "HTTPS_STR_MATCH",
        FullyQualifiedDomainName: "a.example",
        SearchString: "well",
        RequestInterval: 30,
      },
      { Type: "TCP", IPAddress: "2001:db8::7", Port: 5432, RequestInterval: 30, Disabled: true },
    );
    expect(targets).toMatchObject({
      "fra/192-0-2-7": {
        url: "http://192.0.2.7:8080/up",
        intervalMs: 10_000,
        expect: { status: FAR_AND_WIDE },
      },
      "fra/a-example": { url: "https://a.example/", intervalMs: 30_000, expect: { bodyIncludes: "well" } },
      "fra/2001-db8-7": { url: "tcp://[2001:db8::7]:5432", paused: true },
    });
    expect(written).toMatch(/# checks\.json:\d+ id-0 192\.0\.2\.7\n/);
  });

  it.each([
    ["HTTP", "http://192.0.2.7/"],
    ["HTTPS", "https://a.example/"],
  ])("pauses what is asked at an address for another host: %s", (Type, url) => {
    const { targets, text: written } = route53({
      Type,
      IPAddress: "192.0.2.7",
      FullyQualifiedDomainName: "a.example",
    });
    expect(targets["fra/a-example"]).toMatchObject({ url, paused: true });
    expect(written).toContain("# paused: the address 192.0.2.7 is asked for the host a.example");
  });

  it.each([
    [{ Type: "CALCULATED", ChildHealthChecks: ["id-9"], HealthThreshold: 1 }, "a sum of other checks"],
    [{ Type: "CLOUDWATCH_METRIC" }, "a CloudWatch alarm"],
    [{ Type: "RECOVERY_CONTROL" }, "a switch set by hand"],
    [{ Type: "HTTP", IPAddress: "192.0.2.7", Inverted: true }, "Inverted"],
    [{ Type: "toString" }, 'of type "toString"'],
  ])("leaves %j behind and says what would be right", (config, why) => {
    const { targets, report } = route53(config);
    expect(targets).toEqual({});
    expect(report).toContain(why);
  });

  it.each([
    ["HealthChecks: [", "checks.json:1 "],
    ["{}", "HealthChecks is missing: aws route53 list-health-checks"],
    [text({ Type: "TCP", IPAddress: "192.0.2.7" }), "HealthChecks.0.HealthCheckConfig.Port is missing"],
    [text({ Type: "HTTP" }), "HealthChecks.0.HealthCheckConfig.IPAddress is missing"],
    [text({ IPAddress: "192.0.2.7" }), "HealthChecks.0.HealthCheckConfig.Type is missing"],
  ])("says what is wrong with %j", (broken, flaw) => {
    expect(flawsOf("route53", { "checks.json": broken }).join("\n")).toContain(flaw);
  });
});
