/** Credentials in every way to send a token, and what each may do by the roles of the document. */
import type { DetectorApi } from "../../scripts/detector-api.ts";
import { forged } from "./flood.ts";

export const SPOKEN_FOR = { site: "calm", target: "node-0" };

/** One credential: which token is sent, and how. */
export interface Credential {
  name: string;
  headers: Record<string, string>;
  /** Before the path. */
  prefix: string;
  may: (scope: string, method: string, template: string) => 200 | 401 | 403;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const basic = (token: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`anybody:${token}`).toString("base64")}`,
});

type May = Credential["may"];
const unknown: May = () => 401;
const only =
  (...scopes: string[]): May =>
  (scope) =>
    scopes.includes(scope) ? 200 : 403;
const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const readsOnly: May = (scope, method) => (scope === "read" && READING.has(method) ? 200 : 403);

export const credentialsOf = async (api: DetectorApi): Promise<Credential[]> => {
  const read = (sites: string[]): Promise<string> =>
    api.makeToken({ scope: "read", sites }).then(({ token }) => token);
  const notify = await api.makeToken({ scope: "notify", ...SPOKEN_FOR });
  const another = await api.makeToken({ scope: "notify", site: "calm", target: "node-1" });
  const vantage = await api.registerVantage({
    id: "remote",
    region: "here",
    provider: "other",
    sites: "all",
  });
  const elsewhere: May = (scope, _method, template) =>
    scope === "read" && !template.includes("{site}") ? 200 : 403;
  const all: [string, Record<string, string>, May, string?][] = [
    ["nobody", {}, unknown],
    ["a forged token", bearer(forged()), unknown],
    ["a token that is none", bearer("x"), unknown],
    ["no base64", { authorization: "Basic %%%" }, unknown],
    ["another way", { authorization: "Digest username=admin" }, unknown],
    ["read", bearer("local-read"), only("read")],
    ["read by Basic", basic("local-read"), only("read")],
    ["read of this site", bearer(await read(["calm"])), only("read")],
    ["read of another", bearer(await read(["other"])), elsewhere],
    ["notify", bearer(notify.token), only("notify")],
    ["notify of another", bearer(another.token), only()],
    ["vantage", bearer(vantage.token), only("vantage")],
    ["read in the path", {}, readsOnly, "/k/local-read"],
    ["admin in the path", {}, readsOnly, "/k/local-admin"],
    ["notify in the path", {}, only(), `/k/${notify.token}`],
    // Last: it deletes the resources that the other credentials ask for.
    ["admin", bearer("local-admin"), only("read", "notify", "admin")],
  ];
  return all.map(([name, headers, may, prefix = ""]) => ({ name, headers, may, prefix }));
};
