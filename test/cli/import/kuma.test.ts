import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const BASE = {
  id: 1,
  name: "Shop",
  type: "http",
  interval: 60,
  active: 1,
  accepted_statuscodes: ["200-299"],
};
const text = (...monitors: object[]): string =>
  JSON.stringify({ version: "1.23.13", notificationList: [], monitorList: monitors }, null, 1);
const kuma = (...monitors: object[]) => importOf("kuma", { "kuma.json": text(...monitors) });
const one = (monitor: object) => {
  const { targets, ...rest } = kuma({ ...BASE, ...monitor });
  return { ...rest, config: Object.values(targets)[0] };
};

describe("Uptime Kuma's backup", () => {
  it("gives a target for each monitor, in the site of its group, with the line it came from", () => {
    const { targets, text: written } = kuma(
      { id: 7, name: "Rack 4", type: "group" },
      { ...BASE, url: "https://shop.example/", parent: 7, timeout: 8 },
      { ...BASE, type: "port", name: "db", hostname: "db.example", port: 5432, active: 0 },
    );
    expect(targets).toEqual({
      "rack-4/shop": { url: "https://shop.example/", intervalMs: 60_000, timeoutMs: 8_000 },
      "imported/db": { url: "tcp://db.example:5432", intervalMs: 60_000, timeoutMs: 5_000, paused: true },
    });
    expect(written).toMatch(/ {4}# kuma\.json:\d+ Rack 4\/Shop\n {4}shop:/);
  });

  it("takes keywords, statuses, headers and a login, and writes no secret", () => {
    const {
      config,
      text: written,
      report,
    } = one({
      type: "keyword",
      url: "https://shop.example/",
      keyword: "in stock",
      accepted_statuscodes: ["200-299", "404"],
      headers: '{"x-key": "s3cret", "accept": "text/html"}',
      authMethod: "basic",
      basic_auth_user: "me",
      basic_auth_pass: "pa55",
    });
    expect(config?.expect).toEqual({
      status: [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 404],
      bodyIncludes: "in stock",
    });
    expect(config?.headers).toEqual({
      "x-key": "value of IMPORTED_SHOP_X_KEY",
      accept: "text/html",
      authorization: "value of IMPORTED_SHOP_AUTHORIZATION",
    });
    expect(written + report).not.toMatch(/s3cret|pa55|bWU6/);
  });

  it.each([
    [
      {
        type: "dns",
        hostname: "shop.example",
        dns_resolve_server: "1.1.1.1,9.9.9.9",
        dns_resolve_type: "MX",
        port: 53,
      },
      { url: "dns://1.1.1.1:53/shop.example?type=MX" },
    ],
    [
      { type: "postgres", databaseConnectionString: "postgres://me:pa55@db.example:6432/shop" },
      { url: "postgres://db.example:6432", expect: { ready: true } },
    ],
    [{ type: "redis", databaseConnectionString: "redis://cache.example" }, { url: "redis://cache.example" }],
    [{ type: "port", hostname: "2001:db8::7", port: "22" }, { url: "tcp://[2001:db8::7]:22" }],
  ])("takes %j", (monitor, target) => {
    const { config, text: written } = one(monitor);
    expect(config).toMatchObject(target);
    expect(written).not.toContain("pa55");
  });

  it.each([
    [{ ignoreTls: true }, "ignoreTls"],
    [{ method: "POST", body: "{}" }, "method POST"],
    [{ proxyId: 3 }, "a proxy"],
    [{ authMethod: "ntlm" }, "authMethod ntlm"],
    [{ type: "keyword", keyword: "error", invertKeyword: true }, "invertKeyword"],
  ])("pauses what would be asked something else: %j", (monitor, why) => {
    const { config, text: written } = one({ url: "https://shop.example/", ...monitor });
    expect(config?.paused).toBe(true);
    expect(written).toContain(`# paused: ${why}`);
  });

  it.each([
    [{ type: "ping", hostname: "a.example" }, "ICMP"],
    [{ type: "push", pushToken: "s3cret" }, "heartbeats"],
    [{ type: "docker" }, "container"],
    [{ type: "mqtt" }, "MQTT"],
    [{ type: "constructor" }, 'type "constructor"'],
    [{ url: "https://a.example", upsideDown: true }, "upsideDown"],
  ])("leaves %j behind and says what would be right", (monitor, why) => {
    const { config, report } = one(monitor);
    expect(config).toBeUndefined();
    expect(report).toContain(why);
    expect(report).not.toContain("s3cret");
  });

  it.each([
    ["{", "kuma.json:1 "],
    ["[]", "kuma.json:- monitorList is missing"],
    [text({ ...BASE }), "monitorList.0.url is missing: what to ask"],
    [text({ ...BASE, type: "port", hostname: "a" }), "monitorList.0.port is missing: a port of 1 to 65535"],
    [
      text({ ...BASE, url: "https://a.example", headers: "{" }),
      "monitorList.0.headers must be JSON in a text",
    ],
    [
      text({ ...BASE, url: "https://a.example", interval: "often" }),
      "monitorList.0.interval must be a number",
    ],
    [
      text({ ...BASE, url: "https://a.example", accepted_statuscodes: ["ok"] }),
      "must be a status, or the first",
    ],
    [text({ ...BASE, type: "redis", databaseConnectionString: "here" }), "must be redis://host:port"],
  ])("says what is wrong with %j", (broken, flaw) => {
    expect(flawsOf("kuma", { "kuma.json": broken }).join("\n")).toContain(flaw);
  });
});
