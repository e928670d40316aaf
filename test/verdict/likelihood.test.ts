import { describe, expect, it } from "vitest";
import {
  CALM,
  CAUSES,
  type Cause,
  grownShare,
  LIKELIHOOD,
  PRIORS,
  type Sign,
} from "../../src/verdict/likelihood.ts";

describe("the share of a prior that has built up", () => {
  it.each([
    ["is never nothing: a fault may be this young", 0, 0.05],
    ["nor is it where clocks disagree", -3_000, 0.05],
    ["is the least up to half a second", 500, 0.05],
    ["grows from there", 501, 0.0501],
    ["is half of it after five seconds", 5_000, 0.5],
    ["is nearly all of it just before ten", 9_999, 0.9999],
    ["is all of it after ten seconds", 10_000, 1],
    ["and no more after a day", 86_400_000, 1],
  ])("%s", (_name, ms, share) => {
    expect(grownShare(ms)).toBeCloseTo(share, 12);
  });
});

describe("the table of signs", () => {
  const signs = Object.keys(LIKELIHOOD) as Sign[];

  it("tells a dead host in nothing from one that is cut off", () => {
    for (const sign of signs) expect(LIKELIHOOD[sign].cut).toBe(LIKELIHOOD[sign].dead);
  });

  it("has chances alone", () => {
    for (const sign of signs)
      for (const cause of CAUSES) {
        expect(LIKELIHOOD[sign][cause]).toBeGreaterThan(0);
        expect(LIKELIHOOD[sign][cause]).toBeLessThan(1);
      }
  });

  it.each<[Sign, Cause]>([
    ["ok", "up"],
    ["refused", "crashed"],
    ["connect_timeout", "dead"],
    ["pending_before_open", "dead"],
    ["response_timeout", "hung"],
    ["pending_after_open", "hung"],
    ["broken_body", "gray"],
    ["app_error", "gray"],
    ["reset", "gray"],
    ["tls_failure", "gray"],
  ])("lets %s speak for %s before all others", (sign, cause) => {
    for (const other of CAUSES)
      expect(LIKELIHOOD[sign][cause]).toBeGreaterThanOrEqual(LIKELIHOOD[sign][other]);
  });

  it("lets a name that failed tell nothing of the node's end", () => {
    const { up, crashed, dead, hung, cut } = LIKELIHOOD.dns_failure;
    expect(new Set([up, crashed, dead, hung, cut]).size).toBe(1);
  });
});

describe("what is rare", () => {
  it("is one in a thousand for a fault of a node, its path or who looks, and rarer for a site's", () => {
    const { crashed, dead, hung, gray, path, vantage } = PRIORS;
    expect([crashed, dead, hung, gray, path, vantage]).toEqual(Array(6).fill(0.001));
    expect([PRIORS.site, PRIORS.lossy, PRIORS.cut]).toEqual([0.0002, 0.0002, 0.0001]);
  });

  it("leaves a calm target its health, and adds up to one", () => {
    expect(CAUSES.reduce((sum, cause) => sum + CALM[cause], 0)).toBeCloseTo(1, 12);
    expect(CALM.up).toBe(0.9994);
  });
});
