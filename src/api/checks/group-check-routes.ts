/** What programs poll of a group: whether a member serves, which one leads, which addresses serve. */
import type { GroupAnswer } from "../../domain/group.ts";
import { isName } from "../../domain/name.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { requireSite, admitReader } from "../access/auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { ended } from "../ending.ts";
import { groupRead } from "../access/visible-groups.ts";
import { Memory } from "../aggregators/reading-cache.ts";
import { ApiError, invalid, NotLeading } from "../errors/api-error.ts";
import { readRegistry } from "../aggregators/shard-calls.ts";

const PATH = /^\/v1\/groups\/([^/]+)\/members\/([^/]+)\/([^/]+)\/serving$/;

const text = (line: string, status: number): Response =>
  new Response(ended(line), {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "private, no-cache" },
  });

/** The answer of `…/serving` when our own trouble leaves nothing known: serve. Undefined for another path. */
export const servingInTrouble = (path: string): Response | undefined => {
  const [, group = "", site = "", target = ""] = PATH.exec(path) ?? [];
  return [group, site, target].every(isName)
    ? text(`serving ${site}/${target} group=${group} unavailable`, 200)
    : undefined;
};

const regionIn = (from: string, vantages: readonly Vantage[]): string | undefined =>
  vantages.find(({ id, region }) => id === from || region === from)?.region;

/** The region of the place in the query. Parameters we do not know are ignored, since pollers add their own. Throws ApiError. */
const regionOf = async (c: ApiContext): Promise<string | null> => {
  const from = c.req.query("from");
  if (from === undefined) return null;
  const deployed = regionIn(from, c.get("config").vantages);
  if (deployed !== undefined) return deployed;
  // While we cannot tell, no poller gets the error that its place does not exist.
  const remote = await readRegistry(c, (first) => first.remoteVantages()).catch(() => null);
  if (remote === null) return from;
  const region = regionIn(from, remote);
  if (region === undefined)
    throw invalid([{ path: "from", message: "must be a vantage or region that GET /v1/vantages lists" }]);
  return region;
};

const formatOf = <F extends string>(c: ApiContext, formats: readonly F[]): F | undefined => {
  const asked = c.req.query("format");
  const known = formats.find((format) => format === asked);
  if (asked !== undefined && known === undefined)
    throw invalid([{ path: "format", message: `must be ${formats.join(" or ")}, or left out` }]);
  return known;
};

const isCallers = (error: unknown): boolean => error instanceof ApiError && !error.ours;

/** The groups as this isolate last read them, for answers while a conductor does not answer. */
class Groups {
  readonly #memory = new Memory<GroupAnswer>();

  /** `remark`: set where the answer comes from memory. */
  async read(c: ApiContext, group: string): Promise<{ answer: GroupAnswer; remark: string }> {
    const region = await regionOf(c);
    const key = `${group} ${region ?? ""}`;
    try {
      const { answer } = await groupRead(c, group, region);
      this.#memory.remember(key, answer);
      return { answer, remark: "" };
    } catch (error) {
      const kept = isCallers(error) ? undefined : this.#memory.recall(key);
      if (kept === undefined) throw error;
      for (const { site } of kept.members) requireSite(c.get("grant"), site);
      return { answer: kept, remark: " cached" };
    }
  }
}

const admitted = async (c: ApiContext): Promise<string> => {
  const { config, grant } = await admitReader(c);
  c.set("config", config);
  c.set("grant", grant);
  const group = c.req.param("group") ?? "";
  if (!isName(group)) throw invalid([{ path: "group", message: "must be the name of a group" }]);
  return group;
};

const serving = async (c: ApiContext, groups: Groups): Promise<Response> => {
  const group = await admitted(c);
  const [site, target] = [c.req.param("site"), c.req.param("target")];
  const { answer, remark } = await groups.read(c, group);
  const found = answer.members.find((one) => one.site === site && one.target === target);
  if (found === undefined)
    throw new ApiError("not-found", `group "${group}" has no member ${site}/${target}`, [
      { path: "target", message: "is no member" },
    ]);
  const word = found.serves ? "serving" : "out";
  const line = `${word} ${site}/${target} group=${group} epoch=${answer.epoch}${remark}`;
  return text(line, found.serves ? 200 : 503);
};

const leader = async (c: ApiContext): Promise<Response> => {
  const group = await admitted(c);
  const format = formatOf(c, ["json", "text"]);
  // The leader is never answered from memory: the epoch may be over.
  const { answer } = await groupRead(c, group);
  if (answer.mode === "pool") throw new NotLeading(`group "${group}" is a pool: nobody leads it`, null);
  const found = answer.leader;
  if (found === null) throw new NotLeading(answer.because, null);
  if (format === "text") return text(`${found.site}/${found.target} ${found.address} ${found.epoch}`, 200);
  return new Response(ended(JSON.stringify(found)), {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
};

const addresses = async (c: ApiContext, groups: Groups): Promise<Response> => {
  const group = await admitted(c);
  const format = formatOf(c, ["plain", "weighted"]);
  const { answer } = await groups.read(c, group);
  if (answer.serving.length === 0) throw new NotLeading(answer.because, null);
  const lines = answer.serving.map(({ address, weight }) =>
    format === "weighted" ? `${address} ${weight}` : address,
  );
  return text(lines.join("\n"), 200);
};

/** `…/members/{site}/{target}/serving`, `…/leader` and `…/addresses`. */
export const addGroupChecks = (app: Api): void => {
  const groups = new Groups();
  const base = "/v1/groups/:group";
  app.on(["GET", "OPTIONS"], `${base}/members/:site/:target/serving`, (c: ApiContext) => serving(c, groups));
  app.get(`${base}/leader`, (c: ApiContext) => leader(c));
  app.get(`${base}/addresses`, (c: ApiContext) => addresses(c, groups));
};
