import { describe, expect, test } from "vitest";
import { until } from "../../scripts/until.ts";
import { type Row, useServers } from "./probing.ts";

const { probe, find } = useServers();

describe.concurrent("a TLS probe by Node", () => {
  const TLS: Row[] = [
    ["tls", "tls_failure/tls"],
    ["garbage", "tls_failure/tls"],
    ["ok", "tls_failure/tls"],
    ["nobody", "refused/connect"],
    ["rstAtOnce", "reset/response"],
    ["finAfterRequest", "reset/response"],
    ["full", "connect_timeout/connect"],
  ];
  for (const base of ["https://localhost", "https://127.0.0.1"])
    test.each(TLS)(`${base} to a node that is %s finds %s`, async (name, expected) => {
      expect(await find(expected, base, name)).toBe(expected);
    });

  test.each(["silent", "frozen"])(
    "a handshake left unanswered by a node that is %s is a hang",
    async (name) => {
      for (const [host, stage] of [
        ["localhost", "response"],
        ["127.0.0.1", "tls"],
      ])
        expect(await find(`response_timeout/${stage}`, `https://${host}`, name)).toBe(
          `response_timeout/${stage}`,
        );
    },
  );
});

describe.concurrent("a TCP probe by Node", () => {
  const TCP: Row[] = [
    ["silent", "ok/done"],
    ["frozen", "ok/done"],
    ["finAtOnce", "ok/done"],
    ["nobody", "refused/connect"],
    ["full", "connect_timeout/connect"],
    ["banner", "ok/done", { bodyIncludes: "220 " }],
    ["bannerThenFin", "ok/done", { bodyIncludes: "220 mail" }],
    ["bannerThenFin", "app_error/body", { bodyIncludes: "SSH-2.0" }],
    ["banner", "response_timeout/body", { bodyIncludes: "SSH-2.0" }],
    ["echo", "ok/done", { sends: "PING\r\n", bodyIncludes: "PING" }],
    ["echo", "ok/done", { sends: "PING\r\n" }],
    ["endless", "app_error/body", { sends: "GET\r\n", bodyIncludes: "never" }],
    ["silent", "response_timeout/response", { sends: "PING\r\n", bodyIncludes: "PONG" }],
    ["rstAfterRequest", "reset/response", { sends: "PING\r\n", bodyIncludes: "PONG" }],
    ["finAfterRequest", "reset/response", { sends: "PING\r\n", bodyIncludes: "PONG" }],
    ["finAtOnce", "reset/response", { bodyIncludes: "PONG" }],
  ];
  test.each(TCP)("to a node that is %s finds %s (expecting %j)", async (name, expected, wanted) => {
    expect(await find(expected, "tcp://127.0.0.1", name, wanted)).toBe(expected);
  });

  test("sees a connection that is reset within the moment it is watched for", async () => {
    const isReset = async (): Promise<boolean> => {
      const { outcome, stage, detail } = await probe("tcp://127.0.0.1", "rstAtOnce");
      return `${outcome}/${stage} ${detail}` === "reset/response ECONNRESET";
    };
    // The server shares this process: it may accept and reset a connection too late for one probe.
    await until(isReset, { withinMs: 5_000, explain: () => "every probe found it open" });
  });
});
