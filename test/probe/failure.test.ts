import { describe, expect, test } from "vitest";
import { codeOf, outcomeOf } from "../../src/probe/code.ts";
import {
  type Autopsy,
  type FetchFailure,
  judgeEdgeAnswer,
  judgeFetchFailure,
  judgeHandshake,
  judgeRejectedDial,
  judgeThrownDial,
  judgeThrownFetch,
} from "../../src/probe/failure.ts";

/** As workerd throws them. */
const lost = Object.assign(new Error("Network connection lost."), { retryable: true, remote: true });
const internal = Object.assign(new Error("internal error; reference = abc123"), { remote: true });
const proxyFailed = new Error("proxy request failed, cannot connect to the specified address");
const coded = (code: string): Error => Object.assign(new Error("something"), { code });
/** As Node's fetch throws them. */
const fetchFailed = (cause: unknown): Error => new TypeError("fetch failed", { cause });

const autopsy = (kind: Autopsy["kind"]): Autopsy => ({ kind, tookMs: 3 });

describe("a failed fetch and its autopsy", () => {
  type Row = [
    how: "threw" | "late",
    error: unknown,
    autopsy: Autopsy["kind"] | "none",
    proven: boolean,
    tls: FetchFailure["tls"],
    expected: string,
  ];
  const TABLE: Row[] = [
    ["threw", lost, "refused", true, "untried", "refused/connect"],
    ["threw", lost, "refused", false, "untried", "reset/unknown"],
    ["threw", lost, "opened", true, "untried", "reset/response"],
    ["threw", lost, "opened", false, "untried", "reset/response"],
    ["threw", lost, "closed", true, "untried", "reset/response"],
    ["threw", lost, "silent", true, "untried", "reset/unknown"],
    ["threw", lost, "void", true, "untried", "reset/unknown"],
    ["threw", lost, "none", true, "untried", "reset/unknown"],
    ["threw", internal, "refused", true, "untried", "dns_failure/connect"],
    ["threw", internal, "refused", false, "untried", "reset/unknown"],
    ["threw", internal, "opened", true, "rejected", "tls_failure/tls"],
    ["threw", internal, "opened", true, "opened", "reset/response"],
    ["threw", internal, "closed", true, "untried", "reset/response"],
    ["threw", coded("ECONNRESET"), "refused", true, "untried", "refused/connect"],
    ["threw", coded("ECONNRESET"), "opened", true, "untried", "reset/response"],
    ["late", undefined, "opened", true, "untried", "response_timeout/response"],
    ["late", undefined, "opened", false, "untried", "response_timeout/response"],
    ["late", undefined, "closed", true, "untried", "response_timeout/response"],
    ["late", undefined, "silent", true, "untried", "connect_timeout/connect"],
    ["late", undefined, "silent", false, "untried", "connect_timeout/unknown"],
    ["late", undefined, "refused", true, "untried", "connect_timeout/unknown"],
    ["late", undefined, "void", true, "untried", "connect_timeout/unknown"],
    ["late", undefined, "none", true, "untried", "connect_timeout/unknown"],
  ];
  test.each(TABLE)(
    "%s %s, autopsy %s (proven: %s, TLS %s) is %s",
    (how, error, kind, proven, tls, expected) => {
      const { outcome, stage } = judgeFetchFailure({
        how,
        error,
        autopsy: kind === "none" ? undefined : autopsy(kind),
        proven,
        tls,
      });
      expect(`${outcome}/${stage}`).toBe(expected);
    },
  );

  test("the refusal's time is the autopsy's", () => {
    const failure: FetchFailure = {
      how: "threw",
      error: lost,
      autopsy: { kind: "refused", tookMs: 41 },
      proven: true,
      tls: "untried",
    };
    expect(judgeFetchFailure(failure).connectMs).toBe(41);
  });
});

describe("what a thrown fetch says alone", () => {
  test.each<[string, unknown, string | undefined]>([
    ["a refusal by code", fetchFailed(coded("ECONNREFUSED")), "refused"],
    [
      "refusals of every address of a name",
      fetchFailed(new AggregateError([coded("ECONNREFUSED")])),
      "refused",
    ],
    ["an unknown name", fetchFailed(coded("ENOTFOUND")), "dns_failure"],
    ["a resolver in trouble", fetchFailed(coded("EAI_AGAIN")), "dns_failure"],
    ["no route", fetchFailed(coded("EHOSTUNREACH")), "connect_timeout"],
    ["undici's own patience", fetchFailed(coded("UND_ERR_CONNECT_TIMEOUT")), "connect_timeout"],
    ["an expired certificate", fetchFailed(coded("CERT_HAS_EXPIRED")), "tls_failure"],
    ["garbage", fetchFailed(Object.assign(new Error("bad"), { name: "HTTPParserError" })), "app_error"],
    ["no descriptors left", fetchFailed(coded("EMFILE")), "blocked"],
    ["a port browsers block", fetchFailed(new Error("bad port")), "blocked"],
    ["a URL turned down by workerd", new TypeError("Fetch API cannot load: ftp://x/"), "blocked"],
    ["our cap of outgoing calls", new Error("Too many subrequests."), "blocked"],
    ["a reset, which takes an autopsy", fetchFailed(coded("ECONNRESET")), undefined],
    ["a lost connection, which takes an autopsy", lost, undefined],
    ["an internal error, which takes an autopsy", internal, undefined],
    ["a code nobody knows, which takes an autopsy", fetchFailed(coded("EWHATEVER")), undefined],
    ["no error at all", undefined, undefined],
    ["a string", "boom", undefined],
  ])("%s", (_, error, expected) => {
    expect(judgeThrownFetch(error)?.outcome).toBe(expected);
  });
});

describe("a rejected dial", () => {
  test.each<[string, unknown, number, number, string]>([
    ["rejected at once, without a code", proxyFailed, 2, 5_000, "refused/connect"],
    ["rejected after one lost SYN", proxyFailed, 1_300, 5_000, "refused/connect"],
    ["rejected when a router has given the host up", proxyFailed, 3_050, 5_000, "connect_timeout/connect"],
    ["rejected close to the deadline", proxyFailed, 480, 500, "connect_timeout/connect"],
    ["refused by code, however late", coded("ECONNREFUSED"), 4_900, 5_000, "refused/connect"],
    ["host unreachable", coded("EHOSTUNREACH"), 2, 5_000, "connect_timeout/connect"],
    ["net unreachable", coded("ENETUNREACH"), 2, 5_000, "connect_timeout/connect"],
    ["reset before open", coded("ECONNRESET"), 2, 5_000, "reset/response"],
    ["a local firewall", coded("EPERM"), 2, 5_000, "blocked/connect"],
    ["a code nobody knows", coded("EWHATEVER"), 2, 5_000, "blocked/connect"],
    ["a wrong name in the certificate", coded("ERR_TLS_CERT_ALTNAME_INVALID"), 2, 5_000, "tls_failure/tls"],
    ["our cap of outgoing calls", new Error("Too many subrequests."), 2, 5_000, "blocked/connect"],
  ])("%s", (_, error, tookMs, limitMs, expected) => {
    const { outcome, stage } = judgeRejectedDial(error, tookMs, limitMs);
    expect(`${outcome}/${stage}`).toBe(expected);
  });

  test.each([new TypeError("Value out of range."), coded("ERR_SOCKET_BAD_PORT"), "boom", null])(
    "a dial that throws %s at once is blocked",
    (error) => expect(judgeThrownDial(error)).toMatchObject({ outcome: "blocked", stage: "connect" }),
  );
});

describe("a TLS dial that did not open, beside a plain connect", () => {
  test.each<["late" | "rejected", Autopsy["kind"] | "none", string]>([
    ["late", "opened", "response_timeout/tls"],
    ["late", "closed", "response_timeout/tls"],
    ["late", "silent", "connect_timeout/connect"],
    ["late", "refused", "connect_timeout/unknown"],
    ["late", "none", "connect_timeout/unknown"],
    ["rejected", "opened", "tls_failure/tls"],
    ["rejected", "closed", "reset/tls"],
    ["rejected", "refused", "refused/connect"],
    ["rejected", "silent", "connect_timeout/connect"],
    ["rejected", "none", "reset/unknown"],
  ])("%s, autopsy %s is %s", (how, kind, expected) => {
    const failure = how === "late" ? { how } : { how, error: proxyFailed };
    const { outcome, stage } = judgeHandshake(failure, kind === "none" ? undefined : autopsy(kind));
    expect(`${outcome}/${stage}`).toBe(expected);
  });
});

describe("an answer by Cloudflare's network about an origin", () => {
  const marks = new Headers({ server: "cloudflare", "cf-ray": "8f00-AMS" });
  test.each<[number, string, string]>([
    [520, "error code: 520", "reset/response"],
    [521, "error code: 521", "refused/connect"],
    [522, "error code: 522", "connect_timeout/connect"],
    [523, "error code: 523", "connect_timeout/connect"],
    [524, "error code: 524", "response_timeout/response"],
    [525, "error code: 525", "tls_failure/tls"],
    [526, "error code: 526", "tls_failure/tls"],
    [530, "error code: 1016", "dns_failure/connect"],
    [530, "error code: 1033", "app_error/body"],
    [500, "error code: 500", "app_error/body"],
    [403, "error code: 1003", "blocked/response"],
    [403, "error code: 1010", "blocked/response"],
    [403, "error code: 1020", "blocked/response"],
    [429, "error code: 1015", "blocked/response"],
    [404, "error code: 1042", "blocked/response"],
  ])("%i with the body %s is %s", (status, text, expected) => {
    const ending = judgeEdgeAnswer(status, marks, text);
    expect(`${ending?.outcome}/${ending?.stage}`).toBe(expected);
    expect(ending?.detail).toContain(`status ${status}`);
  });

  test.each<[string, number, Headers, string]>([
    ["without the ray", 521, new Headers({ server: "cloudflare" }), "error code: 521"],
    ["by another server", 521, new Headers({ server: "nginx", "cf-ray": "8f00-AMS" }), "error code: 521"],
    ["with a page of the origin's own", 521, marks, "<h1>error code: 521</h1>"],
  ])("is not one %s", (_, status, headers, text) => {
    expect(judgeEdgeAnswer(status, headers, text)).toBeUndefined();
  });
});

describe("error codes", () => {
  test("are found on the error, on its causes and among the errors of an aggregate, and never loop", () => {
    const loop = new Error("a") as Error & { cause: unknown };
    loop.cause = loop;
    expect(codeOf(fetchFailed(coded("ECONNREFUSED")))).toBe("ECONNREFUSED");
    expect(codeOf(new AggregateError([coded("ETIMEDOUT"), coded("ECONNREFUSED")]))).toBe("ETIMEDOUT");
    expect(codeOf(loop)).toBeUndefined();
    expect(codeOf(new DOMException("aborted", "TimeoutError"))).toBeUndefined();
    expect(codeOf(coded("not a code, but words with a secret"))).toBeUndefined();
  });

  test.each([
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "CERT_NOT_YET_VALID",
    "INVALID_CA",
    "ERROR_IN_CERT_NOT_AFTER_FIELD",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "EPROTO",
  ])("%s is a TLS failure", (code) => {
    expect(outcomeOf(code)).toBe("tls_failure");
  });
});
