import { describe, expect, it } from "vitest";
import { flawsOf, importOf } from "./stage.ts";

const haproxy = (text: string) => importOf("haproxy", { "haproxy.cfg": text });
const backend = (...lines: string[]) => {
  const { targets, ...rest } = haproxy(`backend app\n${lines.map((line) => `  ${line}\n`).join("")}`);
  return { ...rest, targets, config: Object.values(targets)[0] };
};

describe("haproxy.cfg", () => {
  it("gives a target for each server, asked as its backend asks it", () => {
    const { targets, text, report } = haproxy(`global
  daemon
defaults
  timeout check 4s
  default-server inter 10s
frontend www
  bind :80
  default_backend app
backend app  # the shop
  option httpchk GET /health
  http-check expect status 200-204
  http-check send hdr X-Key "s3cret key"
  server web-1 10.0.0.1:8080 check
  server web-2 [2001:db8::7]:8443 check ssl inter 7500 disabled
listen db
  bind :5432
  option pgsql-check user health
  server pg-1 db-1.example:5432 check port 5433 addr 192.0.2.9
`);
    const web = {
      expect: { status: [200, 201, 202, 203, 204] },
      headers: { "X-Key": "value of APP_WEB_1_X_KEY" },
      timeoutMs: 4_000,
    };
    expect(targets).toEqual({
      "app/web-1": { ...web, url: "http://10.0.0.1:8080/health", intervalMs: 10_000 },
      "app/web-2": { ...web, url: "https://[2001:db8::7]:8443/health", intervalMs: 7_500, paused: true },
      "db/pg-1": {
        url: "postgres://192.0.2.9:5433",
        expect: { ready: true },
        intervalMs: 10_000,
        timeoutMs: 4_000,
      },
    });
    expect(text).toContain("# haproxy.cfg:13 app/web-1\n");
    expect(text + report).not.toContain("s3cret");
    expect(report).toContain("At private places, which takes ALLOW_PRIVATE");
  });

  it.each([
    [["server a a.example:80"], { url: "tcp://a.example:80" }, "no check"],
    [
      [
        "option tcp-check",
        "tcp-check connect",
        "tcp-check send PING\\r\\n",
        "tcp-check expect string +PONG",
        "server a a.example:6379 check",
      ],
      { url: "tcp://a.example:6379", expect: { sends: "PING\r\n", bodyIncludes: "+PONG" } },
      "",
    ],
    [["option redis-check", "server a a.example:6379 check"], { url: "redis://a.example:6379" }, ""],
    [["option ssl-hello-chk", "server a a.example:443 check"], { url: "tls://a.example:443" }, ""],
    [
      ["option smtpchk HELO a.example", "server a a.example:25 check"],
      { url: "tcp://a.example:25" },
      "option smtpchk",
    ],
    [
      ["option httpchk /up", "http-check expect rstatus ^2", "server a a.example:80 check"],
      { url: "http://a.example/up".replace("/up", ":80/up") },
      "method OPTIONS",
    ],
    [["server a a.example:443 check ssl"], { url: "tls://a.example:443" }, ""],
    [["server a a.example:443 check ssl port 80"], { url: "tcp://a.example:80" }, ""],
    [["server a a.example:443 check ssl port 8443 check-ssl"], { url: "tls://a.example:8443" }, ""],
    [["server a a.example:443 check ssl no-check-ssl"], { url: "tcp://a.example:443" }, ""],
    [
      ["default-server no-check-ssl", "server a a.example:443 check ssl check-ssl"],
      { url: "tls://a.example:443" },
      "",
    ],
    [
      ["option tcp-check", "tcp-check connect port 99 ssl", "server a a.example:443 check"],
      { url: "tcp://a.example:443" },
      "tcp-check connect port",
    ],
    [
      ["option httpchk", "http-check expect ! string error", "server a a.example:80 check"],
      { url: "http://a.example:80/" },
      "http-check expect !",
    ],
    [
      ["option httpchk HEAD / HTTP/1.1\\r\\nX-A:\\ b", "server a a.example:80 check"],
      { headers: { "X-A": "value of APP_A_X_A" } },
      "method HEAD",
    ],
    [
      ["option httpchk GET /", "http-check expect string 'all is well'", "server a a.example:80 check"],
      { expect: { bodyIncludes: "all is well" } },
      "",
    ],
  ])("reads %j", (lines, target, remark) => {
    const { config, report } = backend(...lines);
    expect(config).toMatchObject(target);
    expect(report).toContain(remark);
  });

  it.each([
    [
      "option httpchk\n http-check send meth GET uri / hdr Host shop.example",
      "check",
      "asked for the host shop.example",
    ],
    ["option httpchk GET /", "check ssl verify none", "verify none"],
    ["option httpchk GET /", "check ssl check-sni shop.example", "SNI"],
    ["option httpchk GET /", "check send-proxy", "send-proxy"],
    ["option httpchk\n http-check send meth POST uri / body x", "check", "method POST"],
  ])("pauses what would be asked something else: %s, %s", (option, words, why) => {
    const { config, text } = backend(option, `server a a.example:80 ${words}`);
    expect(config?.paused).toBe(true);
    expect(text).toContain(`# paused: ${why}`);
  });

  it.each([
    ["server a unix@/run/a.sock check", "is no host and port"],
    ['server a "${HOST}:80" check', "is no host and port"],
    ["server a a.example check", "has no port of its own"],
    ["server a a.example:80 check port 70000", "port 70000 is none: it must be 1 to 65535"],
    ["server a a.example:70000 check", "port 70000 is none: it must be 1 to 65535"],
    ["server a a.example:80 check port", "port has no value"],
    ["server a a.example:80 check addr", "addr has no value"],
    ["server-template a 1-3 a.example:80 check", "server-template"],
  ])("leaves %s behind and says what would be right", (line, why) => {
    const { config, report } = backend(line);
    expect(config).toBeUndefined();
    expect(report).toContain(`haproxy.cfg:2 app/a: `);
    expect(report).toContain(why);
  });

  it.each([
    [["server a a.example:80 check inter banana"], "haproxy.cfg:2 app/a: inter banana is no time"],
    [["server a a.example:80 check inter"], "haproxy.cfg:2 app/a: inter without a value is no time"],
    [["foo s3cret", "server a a.example:80 check"], "haproxy.cfg:2 backend app: foo is no line"],
    [
      ["option httpchck GET /", "server a a.example:80 check"],
      "haproxy.cfg:2 backend app: option httpchck is no check",
    ],
    [["server a a.example:80 banana check"], "haproxy.cfg:2 app/a: banana: no word of a server"],
    [
      ["timeout check soon", "server a a.example:80 check"],
      "haproxy.cfg:2 backend app: timeout check soon is no time",
    ],
  ])("tells of what it cannot read with its line: %j", (lines, remark) => {
    const { config, report } = backend(...lines);
    expect(config).toMatchObject({ url: "tcp://a.example:80", intervalMs: 5_000 });
    expect(report).toContain(remark);
    expect(report).not.toContain("s3cret");
    expect(report).not.toContain("no check: HAProxy");
  });

  it("tells of no line that HAProxy knows", () => {
    const { report } = backend(
      "balance roundrobin",
      "option log-health-checks",
      "reqadd X-A:\\ b",
      "server a a.example:80 check weight 1 rise 2 fall 3 maxconn 10 resolvers dns source 0.0.0.0 usesrc clientip",
    );
    expect(report).not.toContain("Carried over in part");
  });

  it("takes the last option, its rules wherever they stand, and those of defaults where it has none", () => {
    const { targets } = haproxy(`defaults
 option httpchk GET /up
 http-check expect status 204
backend a
 server a a.example:80 check
backend b
 http-check expect status 200
 option tcp-check
 option httpchk GET /b
 tcp-check send PING
 server b b.example:80 check
backend c
 no option httpchk
 server c c.example:80 check
`);
    expect(targets).toMatchObject({
      "a/a": { url: "http://a.example:80/up", expect: { status: [204] } },
      "b/b": { url: "http://b.example:80/b", expect: { status: [200] } },
      "c/c": { url: "tcp://c.example:80" },
    });
    expect(targets["b/b"]?.expect).not.toHaveProperty("sends");
    expect(targets["c/c"]).not.toHaveProperty("expect");
  });

  it("takes the defaults that a section names", () => {
    const { targets } = haproxy(`defaults slow
 default-server inter 1m
 timeout check 2s
defaults fast from slow
 default-server inter 5s
backend a from slow
 server a a.example:80 check
backend b
 server b b.example:80 no-check check
`);
    expect(targets["a/a"]?.intervalMs).toBe(60_000);
    expect(targets["b/b"]).toMatchObject({ intervalMs: 5_000, timeoutMs: 2_000 });
  });

  it.each([
    ["", "haproxy.cfg:-  has no backend and no listen section"],
    ["backend a\n server a 'a.example:80 check\n", "haproxy.cfg:2  a quote or a backslash has no end"],
    ["backend a\n server a\n", "haproxy.cfg:2 backend a server needs a name and an address"],
  ])("says what is wrong with %j", (text, flaw) => {
    expect(flawsOf("haproxy", { "haproxy.cfg": text }).join("\n")).toContain(flaw);
  });
});
