// A store that refuses an epoch older than the newest it has met, unless `fences` is false. Settings as JSON {host, port, fences}. POST
// /write {value, epoch, node} and GET /read?epoch=: 200 with the value, or 409 with the newest epoch. It reports each accepted write over
// IPC.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

interface Write {
  value: string;
  epoch: number;
  node: string;
}

interface Settings {
  host: string;
  port: number;
  /** False: the store accepts every write, so that a run shows the consequences. */
  fences: boolean;
}

const { host, port, fences } = JSON.parse(process.argv[2] ?? "") as Settings;
const MS_PER_NS = 1e-6;
const now = (): number => Number(process.hrtime.bigint()) * MS_PER_NS;

let value: string | null = null;
let newest = 0;

const answer = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ value, epoch: newest }));
};

/** Whether the epoch is at least the newest one. From then on older epochs are refused. */
const admits = (epoch: number): boolean => {
  if (fences && !(epoch >= newest)) return false;
  newest = Math.max(newest, epoch);
  return true;
};

const write = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const asked = JSON.parse(await text(request)) as Write;
  if (!admits(asked.epoch)) return answer(response, 409);
  value = asked.value;
  process.send?.({ stored: { ...asked, at: now() } });
  answer(response, 200);
};

createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://store");
  if (request.method === "POST") write(request, response).catch(() => response.destroy());
  else answer(response, admits(Number(url.searchParams.get("epoch"))) ? 200 : 409);
}).listen(port, host, () => process.send?.({ ready: true }));
process.on("disconnect", () => process.exit());
