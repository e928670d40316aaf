import { request } from "node:http";
import fc from "fast-check";
import { freePort } from "../../scripts/port.ts";
import { callScope, type Specification } from "../../src/api/openapi/specification.ts";
import { bare, Conformance } from "../../test/api/openapi/conformance.ts";
import { type Credential, credentialsOf } from "./credentials.ts";
import { type Call, filled, type Known, madeUp } from "./made-up.ts";
import { type Built, Runtime } from "./runtime.ts";
import { putAll, startNodes } from "./world.ts";

const WITHIN_MS = 10_000;
const TOGETHER = 16;
/** A stream of events, or a request that is held, counts as answered once its head is there. */
const BODY_WITHIN_MS = 1_500;

interface Given {
  status: number;
  headers: Headers;
  body: string;
}

const send = (port: number, { method, path, headers, body }: Call): Promise<Given | null> =>
  new Promise((resolve) => {
    // Node sends the body of some methods without its length, and the server would then take the body for the next request.
    const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
    const asked = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: { ...headers, ...length },
      timeout: WITHIN_MS,
    });
    asked.on("response", (answer) => {
      const chunks: Buffer[] = [];
      const given = (): void => {
        clearTimeout(timer);
        const told = Object.entries(answer.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve({
          status: answer.statusCode ?? 0,
          headers: new Headers(told),
          body: Buffer.concat(chunks).toString(),
        });
        asked.destroy();
      };
      const timer = setTimeout(given, BODY_WITHIN_MS);
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", given);
      answer.on("error", given);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(null));
    asked.end(body ?? undefined);
  });

const callsOf = (document: Specification): Known[] =>
  Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const scope = callScope(operation);
      return scope === undefined ? [] : [{ method: method.toUpperCase(), template, scope }];
    }),
  );

export interface RequestFigures {
  cells: number;
  /** Made-up requests, by status. */
  statuses: Record<string, number>;
  faults: string[];
}

/** Every credential on every call that the document knows. */
const askCells = async (port: number, calls: Known[], credentials: Credential[]): Promise<string[]> => {
  const faults: string[] = [];
  for (const { name, headers, may, prefix } of credentials)
    for (const { method, template, scope } of calls) {
      const hasBody = ["POST", "PUT", "PATCH"].includes(method);
      const given = await send(port, {
        method,
        path: prefix + filled(template),
        headers: { ...headers, ...(hasBody ? { "content-type": "application/json" } : {}) },
        body: hasBody ? "{}" : null,
      });
      const must = may(scope, method, template);
      const isRight =
        given !== null &&
        (must === 200 ? given.status !== 401 && given.status !== 403 : given.status === must);
      if (!isRight)
        faults.push(`${name}: ${method} ${template}: ${given?.status ?? "no answer"} and not ${must}`);
    }
  return faults;
};

/** Checks answer 503 for what they found, without Retry-After. */
const CHECKS = /\/(up|consul|health)(\?|$)/;

/** Answers by which the runtime's own server refuses a request before any of our code runs: they are not in our document. */
const isRuntimes = ({ status, headers }: Given): boolean =>
  status === 400 && headers.get("content-type") === "text/plain";

const faultOf = (call: Call, given: Given | null, conformance: Conformance): string | null => {
  const what = `${call.method} ${call.path.slice(0, 200)} ${JSON.stringify(call.body?.slice(0, 200))} ${JSON.stringify(call.headers).slice(0, 300)}`;
  if (given === null) return `no answer: ${what}`;
  if (isRuntimes(given)) return null;
  if (given.status >= 500 && given.status !== 503)
    return `${given.status}: ${what}: ${given.body.slice(0, 200)}`;
  if (given.status === 503 && !given.headers.has("retry-after") && !CHECKS.test(call.path))
    return `503 without Retry-After: ${what}`;
  const path = bare(call.path.split(/[?#]/)[0] ?? "");
  const [problem] = given.status < 300 ? [] : conformance.problemsOf({ ...given, method: call.method, path });
  return problem === undefined ? null : `${problem}: ${what}`;
};

/** All credentials on all calls, and then calls that are wrong in every way that we could think of. */
export const attackByRequests = async (
  built: Built,
  count: number,
  say: (line: string) => void,
): Promise<RequestFigures> => {
  const nodePort = await freePort();
  const nodes = await startNodes(nodePort);
  const runtime = await Runtime.on(built);
  try {
    await runtime.start();
    await putAll(runtime.api, nodePort);
    const port = Number(new URL(runtime.api.url).port);
    const document = JSON.parse((await runtime.api.ask("/openapi.json")).text) as Specification;
    const calls = callsOf(document);
    const credentials = await credentialsOf(runtime.api);
    say(`${calls.length} calls, ${credentials.length} credentials`);
    const faults = await askCells(port, calls, credentials);
    await putAll(runtime.api, nodePort);
    say(`${count} requests that are made up`);
    const conformance = new Conformance(document);
    const statuses: Record<string, number> = {};
    const left = fc.sample(madeUp(calls, credentials), count);
    const work = async (): Promise<void> => {
      for (let call = left.pop(); call !== undefined; call = left.pop()) {
        const given = await send(port, call);
        const status = String(given?.status ?? "none");
        statuses[status] = (statuses[status] ?? 0) + 1;
        const fault = faultOf(call, given, conformance);
        if (fault !== null) faults.push(fault);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    return { cells: calls.length * credentials.length, statuses, faults };
  } finally {
    await runtime.end();
    await nodes.kill();
  }
};
