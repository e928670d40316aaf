import { isName, NAME_RULE } from "../../domain/name.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  noWords,
  wholeOf,
} from "../shared/arguments/flags.ts";
import type { WordOptions, Take } from "./word.ts";

export interface Settings extends Access {
  host: string;
  port: number;
  site: string | undefined;
  everyMs: number;
  /** How long the last verdicts are still used when the detector does not answer. */
  holdMs: number;
  manner: WordOptions;
}

const OPTIONS = {
  listen: { type: "string", default: "127.0.0.1:9707" },
  site: { type: "string" },
  "every-ms": { type: "string", default: "1000" },
  "hold-ms": { type: "string", default: "15000" },
  from: { type: "string" },
  gray: { type: "string", default: "up" },
  partition: { type: "string", default: "up" },
} as const;

export const USAGE = `Usage: parallax haproxy-agent --url URL --token-file FILE [options]

Answers HAProxy's agent-check for all targets, from verdicts it reads in the background. HAProxy sends
the target's name by agent-send and is told "ready up 100%" or "ready down 100%".

While we do not know, the answer is an empty line, by which HAProxy changes nothing: before the first
verdicts, when the detector has not answered for --hold-ms, and for a target the detector does not know.
So a server that was taken out stays out until the detector is back, and one that was in stays in as far as
HAProxy's own check lets it.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --listen HOST:PORT  default 127.0.0.1:9707. Whoever can connect can ask, so keep it on loopback
  --site NAME         read that site's verdicts alone
  --every-ms N        between two reads, 200 to 60000; default 1000
  --hold-ms N         how long the last verdicts are still said without an answer, 0 to 600000; default 15000
  --from REGION       routing advice for that region
  --gray HOW          a gray target: up, drain, down, or a weight such as 50%; default up
  --partition HOW     a partitioned target, where the advice still is to serve it: the same; default up

Exit codes: 0 told to stop; 1 cannot listen there; 2 wrong arguments. A detector that is away, or refuses
the token, does not end it.

Example:
  backend app
    option httpchk GET /health
    server web-1 10.0.0.1:80 check agent-check agent-addr 127.0.0.1 agent-port 9707 agent-inter 1s agent-send "fra/web-1\\n"
`;

const takeOf = (flag: string, text: string): Take => {
  if (text === "up" || text === "drain" || text === "down") return { kind: text };
  const weight = /^(\d{1,3})%$/.exec(text)?.[1];
  if (weight === undefined)
    throw new BadArgument(`${flag} must be up, drain, down, or a weight from 1% to 100%`);
  return { kind: "weight", percent: wholeOf(flag, weight, 1, 100) };
};

const addressOf = (text: string): { host: string; port: number } => {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === "") throw new BadArgument("--listen must be HOST:PORT");
  return { host: host.replace(/^\[|\]$/g, ""), port: wholeOf("--listen", port, 1, 65_535) };
};

const nameIn = (flag: string, name: string | undefined): string | undefined => {
  if (name !== undefined && !isName(name)) throw new BadArgument(`${flag} ${NAME_RULE}`);
  return name;
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => {
    noWords(words);
    return {
      ...addressOf(values.listen),
      site: nameIn("--site", values.site),
      everyMs: wholeOf("--every-ms", values["every-ms"], 200, 60_000),
      holdMs: wholeOf("--hold-ms", values["hold-ms"], 0, 600_000),
      manner: {
        from: nameIn("--from", values.from),
        gray: takeOf("--gray", values.gray),
        partition: takeOf("--partition", values.partition),
      },
    };
  });
