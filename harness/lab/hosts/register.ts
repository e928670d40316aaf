// A member's register: POST /write and GET /read go to the store with the epoch in which this member leads, and are refused while it does
// not lead. Its agent switches it by POST /lead?epoch= and POST /follow. Settings as JSON {node, host, port, store}. It reports its own
// belief over IPC. Between its look at who leads and its request to the store it waits: a pause does the most harm there.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

interface Settings {
  node: string;
  host: string;
  port: number;
  store: string;
}

const { node, host, port, store } = JSON.parse(process.argv[2] ?? "") as Settings;
const STORE_WITHIN_MS = 1_500;
const MOST_HESITATION_MS = 60;
const MS_PER_NS = 1e-6;
const now = (): number => Number(process.hrtime.bigint()) * MS_PER_NS;

/** The epoch that this member leads in; null while it follows. */
let epoch: number | null = null;

const become = (next: number | null): void => {
  if (next === epoch) return;
  epoch = next;
  process.send?.({ leads: next, at: now() });
};

const answer = (response: ServerResponse, status: number, body: object = {}): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

const askStore = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(store + path, { ...init, signal: AbortSignal.timeout(STORE_WITHIN_MS) });

/** The store refuses older epochs from the moment this member leads, before its first write. */
const fence = (leading: number): void => {
  askStore(`/read?epoch=${leading}`).then(
    (met) => met.arrayBuffer(),
    () => undefined,
  );
};

const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const leading = epoch;
  if (leading === null) return answer(response, 409, { why: "follows" });
  const body = request.method === "POST" ? await text(request) : undefined;
  await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_HESITATION_MS));
  const asked =
    body === undefined
      ? askStore(`/read?epoch=${leading}`)
      : askStore("/write", { method: "POST", body: JSON.stringify({ value: body, epoch: leading, node }) });
  const met = await asked;
  const { value } = (await met.json()) as { value: string | null };
  if (met.ok) return answer(response, 200, { value, epoch: leading });
  answer(response, met.status, { why: "fenced", epoch: leading });
};

createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://register");
  if (url.pathname === "/lead") {
    const given = Number(url.searchParams.get("epoch"));
    become(given);
    fence(given);
    return answer(response, 200);
  }
  if (url.pathname === "/follow") {
    become(null);
    return answer(response, 200);
  }
  if (url.pathname === "/") return answer(response, 200, { epoch });
  passOn(request, response).catch(() => answer(response, 504, { why: "the store did not answer" }));
}).listen(port, host, () => process.send?.({ ready: true }));
process.on("disconnect", () => process.exit());
