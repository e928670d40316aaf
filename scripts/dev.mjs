// `wrangler dev` with every flag passed through, its schedule fired each minute (which wrangler dev
// does not do by itself), and nothing left running when it ends.
import { spawn } from "node:child_process";
import dns from "node:dns/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { signalGroup } from "./children.ts";

const CRON_MS = Number(process.env.CRON_MS ?? 60_000);
const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
const given = process.argv.slice(2);

/** The value of a flag in either of its spellings, or undefined. */
const valueOf = (flag) => {
  const joined = given.find((argument) => argument.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const index = given.indexOf(flag);
  return index === -1 ? undefined : given[index + 1];
};

const port = valueOf("--port") ?? "8787";
const defaults = ["--show-interactive-dev-session=false"];
if (valueOf("--port") === undefined) defaults.push("--port", port);
if (valueOf("--inspector-port") === undefined) defaults.push("--inspector-port", "0");
if (valueOf("--env-file") === undefined) defaults.push("--env-file", "dev.env");
// A control on loopback: the detector's own port. A later --var of the caller wins.
defaults.push("--var", `CONTROLS:tcp://127.0.0.1:${port}`);

// Names as this machine knows them, its hosts file included: a Worker can ask only the public name servers.
const addressesOf = async (name) => {
  const found = await dns.lookup(name, { all: true, order: "verbatim" }).catch(() => []);
  return found.map(({ address }) => address);
};
const resolver = createServer((request, response) => {
  const name = new URL(request.url ?? "/", "http://localhost").searchParams.get("name") ?? "";
  void addressesOf(name).then((addresses) => response.end(JSON.stringify(addresses)));
});
await new Promise((resolve) => resolver.listen(0, "127.0.0.1", resolve));
resolver.unref();
defaults.push("--var", `RESOLVER:http://127.0.0.1:${resolver.address().port}/`);

// A wrapper killed outright cannot sweep: then wrangler, seeing the channel close, ends its own group.
const SWEEP = 'process.on("disconnect",()=>process.kill(-process.pid,"SIGKILL"));process.channel?.unref()';

const child = spawn(
  process.execPath,
  [
    "--no-warnings",
    "--import",
    `data:text/javascript,${SWEEP}`,
    join(wrangler, "wrangler-dist/cli.js"),
    "dev",
    ...defaults,
    ...given,
  ],
  {
    // A process group of its own, so that no workerd outlives it; on Windows it would be a window of its own.
    detached: process.platform !== "win32",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", ...process.env },
  },
);

// The process that started this one over IPC learns which group to end; if it goes away, the group ends too.
process.send?.({ group: child.pid });

let timer;
const fire = async (url) => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) console.error(`schedule: status ${answer.status}`);
  } catch (error) {
    console.error(`schedule: ${error.cause ?? error}`);
  }
};
child.on("message", (message) => {
  if (typeof message !== "string") return;
  const ready = JSON.parse(message);
  if (ready.event !== "DEV_SERVER_READY") return;
  const url = `http://${ready.ip}:${ready.port}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent("* * * * *")}`;
  clearInterval(timer);
  void fire(url);
  timer = setInterval(() => void fire(url), CRON_MS);
});

const endGroup = () => signalGroup(child.pid, "SIGKILL");
let stopping = false;
const stop = () => {
  stopping = true;
  // On Windows, ending wrangler alone would leave the processes that it has started.
  if (process.platform === "win32") endGroup();
  else child.kill("SIGTERM");
  setTimeout(endGroup, 4_000).unref();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
if (process.connected) process.on("disconnect", stop);
child.on("exit", (code) => {
  clearInterval(timer);
  endGroup();
  process.removeListener("disconnect", stop);
  if (process.connected) process.disconnect();
  process.exitCode = stopping ? 0 : (code ?? 1);
});
