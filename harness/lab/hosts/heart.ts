// A node's heart: POSTs a heartbeat again and again, as a cron job with curl would. Settings as JSON
// {url, token, bootId, everyMs} on standard input, so that no token shows in a list of processes.
import { text } from "node:stream/consumers";

interface Settings {
  url: string;
  token: string;
  bootId: string;
  everyMs: number;
}

const { url, token, bootId, everyMs } = JSON.parse(await text(process.stdin)) as Settings;
const LIMIT_MS = 3_000;

const beat = async (): Promise<void> => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ bootId, everyMs }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    process.send?.({ listening: true });
    if (!answer.ok) console.error(`heartbeat: ${answer.status} ${await answer.text()}`);
    else await answer.arrayBuffer();
  } catch {
    // No answer came: the next heartbeat tries again.
  }
};

void beat();
setInterval(() => void beat(), everyMs);
process.on("disconnect", () => process.exit());
