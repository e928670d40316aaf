/** Prints the start of a program with its flags as a systemd unit or a Containerfile. Neither shows a secret, nor does a process list. */
import { BadArgument } from "../arguments/flags.ts";
import type { JoinFlags } from "./credential.ts";

export const PRINT_OPTIONS = {
  "print-unit": { type: "boolean", default: false },
  "print-container": { type: "boolean", default: false },
} as const;

export interface PrintFlags extends JoinFlags {
  "print-unit": boolean;
  "print-container": boolean;
}

/** The program to start, and how. */
export interface Start {
  /** The name of the unit, its state and its credential: `parallax-vantage`. */
  name: string;
  title: string;
  command: "vantage" | "agent";
  url: string;
  /** Flags that are not secret and have no field of their own here. */
  flags: string[];
  /** `--exec -- CMD…`, or nothing. */
  tail: string[];
  /** Lines of [Service] beside those of every unit. */
  service: string;
  /** Lines of the Containerfile beside those of every image. */
  image: string;
  /** Why the program cannot run in a container; undefined where it can. */
  uncontained?: string | undefined;
}

/** The text that a program shall print instead of its work. */
export interface Printing {
  print: string;
}

/** The flags that differ from their defaults, in the form in which they are given again. `left`: the flags to leave out. */
export const flagsAgain = (
  values: Record<string, string | boolean | undefined>,
  options: Readonly<Record<string, { type: string; default?: string | boolean }>>,
  left: readonly string[],
): string[] =>
  Object.entries(values).flatMap(([name, value]: [string, string | boolean | undefined]) => {
    if (left.includes(name) || value === options[name]?.default || value === undefined) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });

/** What is printed has a state directory of its own, and runs until it is stopped. `flags`: those given that do not fit that. */
export const refuseWithPrint = (
  { "print-unit": unit, "print-container": container }: PrintFlags,
  flags: { state?: string | undefined; once?: boolean | undefined },
): void => {
  const asks = unit ? "--print-unit" : container ? "--print-container" : undefined;
  if (asks === undefined) return;
  if (flags.state !== undefined)
    throw new BadArgument(
      `--state cannot go with ${asks}: the state is kept in ${unit ? "/var/lib, by StateDirectory=" : "the volume /state"}`,
    );
  if (flags.once === true)
    throw new BadArgument(`--once cannot go with ${asks}: what is printed runs until it is stopped`);
};

/** Undefined where no flag asks to print. */
export const printed = (flags: PrintFlags, start: () => Start): Printing | undefined => {
  const { "print-unit": unit, "print-container": container } = flags;
  if (unit && container) throw new BadArgument("--print-unit and --print-container exclude each other");
  if (unit) return { print: unitOf(start(), flags["token-file"]) };
  return container ? { print: containerOf(start(), flags["token-file"]) } : undefined;
};

const PROGRAM = "/usr/local/lib/parallax/cli.mjs";
/** Units see no home directory, and no /tmp except their own. */
const UNSEEN = /^\/(home|root|run\/user|tmp|var\/tmp)\//;
const NODE = "/usr/bin/node";

/** A word of ExecStart=: systemd.service(5), "Command lines". */
const word = (text: string): string => {
  const plain = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w./:=@,%$+-]+$/.test(plain)) return plain;
  const escaped = plain.replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  // oxlint-disable-next-line no-control-regex -- what systemd would take for the end of a line, or refuse
  if (/[\u0000-\u001f\u007f]/.test(escaped))
    throw new BadArgument("a control character cannot stand in a unit");
  return `"${escaped}"`;
};

/** Words for a unit, in readable lines: a new line for each flag. */
const inLines = (words: readonly string[]): string =>
  words.map((each, index) => (index > 0 && each.startsWith("--") ? `\\\n  ${each}` : each)).join(" ");

const unitOf = ({ name, title, command, url, flags, tail, service }: Start, tokenFile?: string): string => {
  const node = UNSEEN.test(process.execPath) ? NODE : process.execPath;
  const credential = tokenFile === undefined ? `${name}.join` : `${name}.token`;
  const [flag, source, made] =
    tokenFile === undefined
      ? [
          "--join-file",
          credential,
          `#   install -D -m 600 /dev/stdin /etc/credstore/${credential}   (give it the join code: parallax join create ${command} …)
# The code is traded at the first start. What it was traded for is kept in /var/lib/${name}; the code may be removed then.`,
        ]
      : [
          "--token-file",
          `${credential}:${absolute(tokenFile)}`,
          `#   the token in ${absolute(tokenFile)}, mode 600`,
        ];
  const [exec, ...rest] = tail.map(word);
  const start = [node, PROGRAM, command, "--url", url, ...flags].map(word);
  const line = inLines([...start, flag, `%d/${credential}`, ...(exec === undefined ? [] : [exec])]);
  return `# /etc/systemd/system/${name}.service, for systemd 252 or newer and Node.js 20 or newer at ${node}. As root:
#   curl -fsS ${url}/cli.mjs | install -D -m 644 /dev/stdin ${PROGRAM}
${made}
#   systemctl daemon-reload && systemctl enable --now ${name}
[Unit]
Description=${title.replaceAll("%", "%%")}
Wants=network-online.target
After=network-online.target nss-lookup.target

[Service]
ExecStart=${[line, ...rest].join(" ")}
LoadCredential=${source.replaceAll("%", "%%")}
StateDirectory=${name}
StateDirectoryMode=0700
${service}
[Install]
WantedBy=multi-user.target
`;
};

const absolute = (file: string): string => {
  if (file.startsWith("/") && !/\s/.test(file)) return file;
  throw new BadArgument("--token-file must be a whole path, without spaces, to stand in what is printed");
};

const containerOf = (start: Start, tokenFile?: string): string => {
  const { name, command, url, flags, image, uncontained } = start;
  if (uncontained !== undefined) throw new BadArgument(uncontained);
  const [flag, kind] = tokenFile === undefined ? ["--join-file", "join"] : ["--token-file", "token"];
  const secret = `${name}-${kind}`;
  const words = ["node", "/opt/parallax/cli.mjs", command, "--url", url, "--state", "/state", ...flags];
  return `# ${start.title}, in a container. The ${kind === "join" ? `join code (parallax join create ${command} …)` : "token"} comes on stdin:
#   podman secret create ${secret} -
#   podman build -t ${name} -f Containerfile
#   podman run -d --name ${name} --restart on-failure:5 -v ${name}:/state \\
#     --secret ${secret},uid=1000,mode=0400 ${name}
# ${kind === "join" ? "The code is traded at the first start; what it was traded for is kept in the volume." : "The volume keeps what is not yet delivered."}
FROM docker.io/library/node:24-slim
ADD --chmod=644 ${url}/cli.mjs /opt/parallax/cli.mjs
RUN install -d -o node -g node -m 700 /state
USER node
VOLUME /state
${image}ENTRYPOINT ${JSON.stringify([...words, flag, `/run/secrets/${secret}`])}
`;
};
