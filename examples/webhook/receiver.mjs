// Receives Parallax's webhooks: `npm install standardwebhooks`, then `WEBHOOK_SECRET=whsec_… PORT=8800 node receiver.mjs`.
// Prints one line of JSON for each message; replace that with your own action.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");
// Messages come at least once, and keep their id over all attempts. Keep the ids where a restart does not lose them.
const seen = new Set();

const act = ({ type, timestamp, data }) =>
  process.stdout.write(`${JSON.stringify({ type, timestamp, data })}\n`);

const take = (body, headers) => {
  // Over the bytes as they arrived: JSON that was parsed and written again has another signature.
  const message = webhook.verify(body, headers);
  const id = headers["webhook-id"];
  if (!seen.has(id)) act(message);
  seen.add(id);
};

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    try {
      take(Buffer.concat(parts).toString(), request.headers);
      response.writeHead(204).end();
    } catch {
      response.writeHead(401).end();
    }
  });
}).listen(Number(process.env.PORT ?? 8800), "127.0.0.1");
