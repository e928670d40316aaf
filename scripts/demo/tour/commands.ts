import { type Key, pathOf } from "../../detector-api.ts";
import { linkTo } from "../../../src/dashboard/links.ts";

/** How a reader queries the tour's detector, in commands to type. */
export interface Commands {
  /** The address that shows a target, or all of them, now or as they were at an instant. */
  page: (key?: Partial<Key>, at?: string) => string;
  /** A question, by a path of the API. */
  ask: (path: string) => string;
  /** The same of one target: `/verdict`, `/failover`. */
  askOf: (key: Key, what: string) => string;
  /** An order, by the token of an administrator. */
  order: (method: "PUT" | "POST" | "DELETE", path: string, body?: object) => string;
  /** The command line that the detector serves. */
  program: (line: string) => string;
}

/** One word of a shell. */
const word = (text: string): string => (/^[\w:/.-]+$/.test(text) ? text : `'${text}'`);

export const commandsAt = (url: string): Commands => {
  const ask: Commands["ask"] = (path) => `curl -s -u :local-read ${word(url + path)}`;
  return {
    page: (key = {}, at) => url + linkTo({ ...key, ...(at === undefined ? {} : { at }) }),
    ask,
    askOf: (key, what) => ask(pathOf(key) + what),
    order: (method, path, body) =>
      `curl -s -u :local-admin -X ${method} ${word(url + path)}${
        body === undefined ? "" : ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
      }`,
    program: (line) => `PARALLAX_TOKEN=local-read node cli.mjs ${line} --url ${url}`,
  };
};
