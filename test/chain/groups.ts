import { expect } from "vitest";
import type { GroupAnswer, GroupHistory } from "../../src/domain/group.ts";
import type { NewToken } from "../../src/domain/token.ts";
import type { Spread } from "./spread.ts";
import { ofEach, SITES } from "./spread.ts";

const GROUP = "/v1/groups/{group}";

/** Calls every operation on groups, with members in every shard. */
export const groupAll = async ({ operations, detector }: Spread): Promise<void> => {
  const members = SITES.map((site, index) => ({ site, target: "db-1", priority: index + 1 }));
  const put = (group: string, mode: string, policy: object = {}) =>
    operations.json<GroupAnswer>(`PUT ${GROUP}`, { group, body: { mode, members, policy } });
  const { serving } = await put("web", "pool");
  expect(serving.map(({ site }) => site)).toEqual(SITES);
  await put("db", "leader", { lease: "strict", holdDownMs: 0 });
  const listed = await operations.json<{ groups: { group: string; sites: string[] }[] }>("GET /v1/groups");
  expect(listed.groups.map(({ group, sites }) => [group, sites])).toEqual(
    ["db", "web"].map((group) => [group, SITES.toSorted()]),
  );
  await ofEach(async (site) => {
    const path = `${GROUP}/members/{site}/{target}/serving`;
    for (const method of ["GET", "HEAD", "OPTIONS"])
      await operations.ask(`${method} ${path}`, { group: "web", site, target: "db-1" });
  });
  const { text } = await operations.ask(`GET ${GROUP}/addresses`, { group: "web" });
  expect(text.trim().split("\n")).toHaveLength(SITES.length);

  await operations.ask(`GET ${GROUP}/leader`, { group: "db", status: 409 });
  const [first = "", second = ""] = SITES;
  const tokenOf = (site: string) =>
    operations.json<NewToken>("POST /v1/tokens", { body: { scope: "notify", site, target: "db-1" } });
  const tokens = [await tokenOf(first), await tokenOf(second)];
  const lease = { group: "db", body: {} };
  await operations.ask(`POST ${GROUP}/lease`, { ...lease, token: tokens[0]?.token ?? "" });
  await operations.ask(`POST ${GROUP}/lease`, { ...lease, token: tokens[1]?.token ?? "", status: 409 });
  await operations.ask(`GET ${GROUP}/leader`, { group: "db" });
  await operations.ask(`POST ${GROUP}/freeze`, { group: "db", body: { reason: "a story", ttlMs: 60_000 } });
  const body = { reason: "a story" };
  await operations.ask(`POST ${GROUP}/switch`, { group: "db", body, status: 409 });
  await operations.ask(`DELETE ${GROUP}/freeze`, { group: "db" });
  await operations.ask(`POST ${GROUP}/switch`, { group: "db", body });
  const { changes } = await operations.json<GroupHistory>(`GET ${GROUP}/history`, { group: "db" });
  expect(changes.map(({ kind }) => kind)).toContain("switching");
  const kept = await operations.json<GroupAnswer>(`GET ${GROUP}`, { group: "web" });
  // A change that changes nothing has no line in the audit.
  await detector.api.ask("/v1/groups/web", { method: "PUT", body: kept });
  expect((await operations.json<GroupAnswer>(`GET ${GROUP}`, { group: "web" })).updatedAt).toBe(
    kept.updatedAt,
  );
  for (const group of ["db", "web"]) {
    await operations.ask(`DELETE ${GROUP}`, { group });
    await operations.ask(`GET ${GROUP}`, { group, status: 404 });
  }
  for (const { id } of tokens) await operations.ask("DELETE /v1/tokens/{id}", { id });
};
