/**
 * Programs that cannot run here: the tests send the requests that their documentation describes to the real API, and apply its documented
 * rules to the answers.
 */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { VerdictSchema, type Verdict } from "../../src/domain/verdict.ts";
import { exampleFile, fillExample } from "./example.ts";
import { FAULTS, FaultProxy } from "./faults.ts";
import { startDetector } from "./world.ts";

const VERDICTS = VerdictSchema.options;
const LEAVE: readonly Verdict[] = ["process_crashed", "process_hung", "node_dead", "isolated", "unreachable"];
const REPLACE: readonly Verdict[] = ["process_crashed", "node_dead"];
const TOKEN = "local-read";
const SITE = "fra";

let dir: string;
let detector: Detector;
let proxy: FaultProxy;
let url: string;

const readExample = (name: string): Promise<string> => readFile(exampleFile(name), "utf8");

/** Targets are named after the verdict that an operator gives them. */
const nameOf = (verdict: Verdict): string => verdict.replace("_", "-");

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "parallax-contract-"));
  detector = await startDetector(dir);
  proxy = new FaultProxy({ host: "127.0.0.1", port: detector.port });
  ({ url } = await proxy.open("contract"));
  const port = await freePort();
  for (const verdict of VERDICTS) {
    const key = { site: SITE, target: nameOf(verdict) };
    await detector.api.putTarget(key, { url: `tcp://127.0.0.1:${port}`, intervalMs: 60_000 });
    await detector.api.override(key, { verdict, reason: "for a test", ttlMs: 3_600_000 });
  }
  await mkdir(join(dir, "bin"));
  await mkdir(join(dir, "etc"));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${inject("program")}' "$@"\n`;
  await writeFile(join(dir, "bin/parallax"), program);
  await writeFile(join(dir, "bin/hostname"), '#!/bin/sh\necho "$POD"\n');
  for (const name of ["parallax", "hostname"]) await chmod(join(dir, "bin", name), 0o755);
  await writeFile(join(dir, "etc/token"), `${TOKEN}\n`);
  await writeFile(join(dir, "etc/read.token"), `${TOKEN}\n`);
}, 60_000);
afterAll(async () => {
  await proxy?.stop();
  await detector?.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Sent {
  path: string;
  headers?: Record<string, string>;
  /** Time for the whole answer. */
  withinMs: number;
}

/** The status of a GET; undefined if no answer came in time. */
const get = async ({ path, headers = {}, withinMs }: Sent): Promise<number | undefined> => {
  try {
    const signal = AbortSignal.timeout(withinMs);
    const answer = await fetch(`${url}${path}`, { headers, redirect: "manual", signal });
    await answer.text();
    return answer.status;
  } catch {
    return undefined;
  }
};

/** The exit code of a line of shell. */
const sh = (line: string, env: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve) => {
    const path = [join(dir, "bin"), process.env["PATH"]].join(delimiter);
    execFile("/bin/sh", ["-c", line], { env: { PATH: path, ...env }, timeout: 20_000 }, (error) =>
      resolve(error === null ? 0 : typeof error.code === "number" ? error.code : -1),
    );
  });

/** What a program makes of each verdict while the API is fine, and of a node's verdict under each fault. */
const table = async <T>(make: (verdict: Verdict) => Promise<T>) => {
  const fine = Object.fromEntries(
    await Promise.all(VERDICTS.map(async (verdict) => [verdict, await make(verdict)] as const)),
  );
  const trouble: Record<string, T[]> = {};
  try {
    for (const fault of FAULTS) {
      await proxy.switchTo(fault);
      trouble[fault] = await Promise.all((["alive", "process_crashed"] as const).map(make));
    }
  } finally {
    await proxy.switchTo("fine");
  }
  return { fine, trouble };
};

const byVerdict = <T>(some: readonly Verdict[], these: T, others: T): Record<string, T> =>
  Object.fromEntries(VERDICTS.map((verdict) => [verdict, some.includes(verdict) ? these : others]));
const always = <T>(outcome: T): Record<string, T[]> =>
  Object.fromEntries(FAULTS.map((fault) => [fault, [outcome, outcome]]));

/** The value of an attribute in Terraform text. */
const attribute = (text: string, name: string): string => {
  const value = new RegExp(`^\\s*${name}\\s*=\\s*(.+?)\\s*$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`no ${name}`);
  return value.replace(/^"(.*)"$/, "$1");
};

/** Whether quotes close on their line and brackets match: the only syntax check possible without a parser of HCL. */
const isBalanced = (text: string): boolean => {
  const open: string[] = [];
  const pairs: Record<string, string> = { "}": "{", "]": "[", ")": "(" };
  for (const line of text.split("\n")) {
    const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").replace(/#.*/, "");
    if (bare.includes('"')) return false;
    for (const letter of bare)
      if ("{[(".includes(letter)) open.push(letter);
      else if (letter in pairs && open.pop() !== pairs[letter]) return false;
  }
  return open.length === 0;
};

describe("Route 53", () => {
  test("leaves the primary for what /avoid says, and never for our own trouble", async () => {
    const text = await readExample("route53/main.tf");
    expect(isBalanced(text)).toBe(true);
    expect(attribute(text, "invert_healthcheck")).toBe("true");
    const path = attribute(text, "resource_path").replace("${var.read_token}", TOKEN);
    expect(path).toContain(`/k/${TOKEN}/v1/sites/${SITE}/targets/web-1/`);
    // At most 255 characters, with the longest names and a stored token.
    expect(path.length).toBeLessThan(120);
    const isServed = async (verdict: Verdict): Promise<boolean> => {
      const status = await get({ path: path.replace("web-1", nameOf(verdict)), withinMs: 2_000 });
      const isHealthy = status !== undefined && status >= 200 && status <= 399;
      return !isHealthy;
    };
    const { fine, trouble } = await table(isServed);
    expect(fine).toEqual(byVerdict(LEAVE, false, true));
    expect(trouble).toEqual(always(true));
  });
});

interface ConsulService {
  service: {
    check: { args?: string[]; http?: string; header?: Record<string, string[]>; timeout: string };
  };
}

const consulCheck = async (file: string, verdict: Verdict) => {
  const header = file === "http-check.json" ? { READ_TOKEN: TOKEN } : {};
  const names = { PARALLAX_URL: url, SITE, TARGET: nameOf(verdict), ...header };
  return (JSON.parse(await fillExample(`consul/${file}`, names)) as ConsulService).service.check;
};

describe("Consul", () => {
  const STATES = ["passing", "warning"];

  test("by its script: critical for what /avoid says, passing in our own trouble", async () => {
    const { fine, trouble } = await table(async (verdict) => {
      const [command, flag, line = ""] = (await consulCheck("script-check.json", verdict)).args ?? [];
      expect([command, flag]).toEqual(["/bin/sh", "-c"]);
      const script = line.replace("/usr/local/bin/parallax-avoid", exampleFile("check/parallax-avoid"));
      const code = await sh(script.replace("/etc/parallax", join(dir, "etc")));
      return STATES[code] ?? "critical";
    });
    expect(fine).toEqual(byVerdict(LEAVE, "critical", "passing"));
    expect(trouble).toEqual(always("passing"));
  });

  test("by its HTTP check: three states, and critical in our own trouble, as its page says", async () => {
    const { fine, trouble } = await table(async (verdict) => {
      const { http = "", header = {}, timeout } = await consulCheck("http-check.json", verdict);
      const status = await get({
        path: http.replace(url, ""),
        headers: { authorization: header["Authorization"]?.[0] ?? "" },
        withinMs: Number.parseInt(timeout, 10) * 1_000,
      });
      if (status === 429) return "warning";
      return status !== undefined && status >= 200 && status <= 299 ? "passing" : "critical";
    });
    const middle: Verdict[] = ["gray", "partitioned", "unknown"];
    expect(fine).toEqual({
      ...byVerdict(LEAVE, "critical", "passing"),
      ...Object.fromEntries(middle.map((verdict) => [verdict, "warning"])),
    });
    expect(trouble).toEqual({ ...always("critical"), "429": ["warning", "warning"] });
  });
});

describe("Kubernetes", () => {
  test("takes a pod out of its Services for what /avoid says, and never for our own trouble", async () => {
    const text = await readExample("kubernetes/statefulset.yaml");
    const { spec } = parse(text) as {
      spec: {
        template: {
          spec: {
            containers: {
              env: { name: string; value?: string }[];
              readinessProbe: { exec: { command: string[] }; timeoutSeconds: number };
            }[];
          };
        };
      };
    };
    const [container] = spec.template.spec.containers;
    const [command, flag, line = ""] = container?.readinessProbe.exec.command ?? [];
    expect([command, flag]).toEqual(["/bin/sh", "-c"]);
    expect(container?.env.map(({ name }) => name)).toEqual(["PARALLAX_SITE", "PARALLAX_TOKEN"]);
    const site = container?.env[0]?.value?.replace("https://detector.example", url) ?? "";
    const { fine, trouble } = await table(async (verdict) => {
      const env = { PARALLAX_SITE: site, PARALLAX_TOKEN: TOKEN, POD: nameOf(verdict) };
      return (await sh(line, env)) === 0;
    });
    // Kubernetes ends a probe at its limit and takes it for a failure, so curl has to give up earlier.
    const giveUpSeconds = Number(/--max-time (\d+)/.exec(line)?.[1]);
    expect(giveUpSeconds).toBeLessThan(container?.readinessProbe.timeoutSeconds ?? 0);
    expect(fine).toEqual(byVerdict(LEAVE, false, true));
    expect(trouble).toEqual(always(true));
  });
});

describe("Cloudflare Load Balancing", () => {
  test("asks its origins, each of which passes our 503 on and nothing else that is wrong", async () => {
    const text = await readExample("cloudflare-load-balancing/main.tf");
    expect(isBalanced(text)).toBe(true);
    const names = { PARALLAX_URL: url, SITE, TARGET: "TARGET", READ_TOKEN: TOKEN };
    const origin = await fillExample("cloudflare-load-balancing/origin.conf", names);
    const directive = (name: string): string =>
      new RegExp(`^\\s*${name}\\s+(.*);$`, "m").exec(origin)?.[1] ?? "";
    expect(origin).toContain(`location = ${attribute(text, "path")} {`);
    expect(directive("proxy_intercept_errors")).toBe("on");
    const [codes = "", named] = directive("error_page").split(" =200 ");
    expect(origin).toMatch(new RegExp(`location ${named} \\{\\s*return 200 `));
    const intercepted = codes.split(" ").map(Number);
    const { fine, trouble } = await table(async (verdict) => {
      const answered = await get({
        path: directive("proxy_pass").replace(url, "").replace("TARGET", nameOf(verdict)),
        headers: { authorization: directive("proxy_set_header").replace(/^Authorization "(.*)"$/, "$1") },
        withinMs: Number.parseInt(directive("proxy_read_timeout"), 10) * 1_000,
      });
      // The status by which nginx itself answers for a server that refuses or is slow.
      const status = answered ?? (proxy.fault === "gone" ? 502 : 504);
      return (intercepted.includes(status) ? 200 : status) === Number(attribute(text, "expected_codes"));
    });
    expect(fine).toEqual(byVerdict(LEAVE, false, true));
    expect(trouble).toEqual(always(true));
  });
});

describe("orchestrator", () => {
  const hook = async (): Promise<string> => {
    const text = await fillExample("orchestrator/orchestrator.conf.json", {
      SITE,
      PARALLAX_URL: url,
      TOKEN_FILE: join(dir, "etc/token"),
      STATE: join(dir, "state"),
    });
    const { PreFailoverProcesses: hooks } = JSON.parse(text) as { PreFailoverProcesses: string[] };
    expect(hooks).toHaveLength(1);
    // The test does not wait for a confirmation that will not come.
    return (hooks[0] ?? "").replace("--wait-ms 10000", "--wait-ms 0");
  };
  const run = async (verdict: Verdict, command: string): Promise<boolean> => {
    const host = `${nameOf(verdict)}.db.example`;
    const line = (await hook()).replaceAll("{failedHost}", host).replaceAll("{command}", command);
    return (await sh(line)) === 0;
  };

  test(
    "recovers from a death that is confirmed, and never in our own trouble",
    { timeout: 60_000 },
    async () => {
      const { fine, trouble } = await table((verdict) => run(verdict, ""));
      expect(fine).toEqual(byVerdict(REPLACE, true, false));
      expect(trouble).toEqual(always(false));
    },
  );

  test("lets a graceful takeover pass: the master lives on purpose", async () => {
    expect(await run("alive", "graceful-master-takeover")).toBe(true);
    expect(await run("alive", "force-master-failover")).toBe(false);
  });
});

test("every page of these says first that nothing but the contract was tested", async () => {
  for (const name of ["route53", "consul", "kubernetes", "cloudflare-load-balancing", "orchestrator"])
    expect(await readExample(`${name}/README.md`)).toMatch(/^# .*\n\n\*\*Contract-tested only: /);
});
