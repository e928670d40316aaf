import { connect } from "node:net";
import { type Door, POLL_LIMIT_MS, textAt } from "./http-source.ts";
import { listedNames, type Named, type Poll } from "./checker-source.ts";

/** HAProxy's number for rows of servers, in the column `type`. */
const SERVER = "2";
const MAX_CHARACTERS = 16 * 1_048_576;

/** `UP`, `UP 1/3` on its way down, `DRAIN`, `NOLB`: the server passed its checks. `MAINT` and `no check` count as neither. */
const upOf = (status: string): boolean | null => {
  if (/^(UP|DRAIN|NOLB)/.test(status)) return true;
  return status.startsWith("DOWN") ? false : null;
};

/** The servers of a page of statistics as CSV. The columns in use stand before any that may contain a comma. */
export const serversIn = (text: string): Named[] => {
  const [head = "", ...rows] = text.replace(/^# /, "").split("\n");
  const columns = head.split(",");
  const [backend, server, status, type] = ["pxname", "svname", "status", "type"].map((name) =>
    columns.indexOf(name),
  );
  if (backend !== 0 || server !== 1 || status === undefined || status < 0 || type === undefined || type < 0)
    throw new Error("its answer is no table of statistics: WHERE must be that page, or the stats socket");
  return listedNames(
    rows.flatMap((row) => {
      const cells = row.split(",");
      if (cells[type] !== SERVER) return [];
      const [site = "", target = ""] = cells;
      return [{ name: `${site}/${target}`, site, target, up: upOf(cells[status] ?? "") }];
    }),
  );
};

const askSocket = (path: string, stop: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    const connection = connect(path, () => connection.end(`show stat -1 4 -1\n`));
    const end = (): void => void connection.destroy(new Error("asked no longer"));
    stop.addEventListener("abort", end, { once: true });
    connection.setTimeout(POLL_LIMIT_MS, () =>
      connection.destroy(new Error(`no answer in ${POLL_LIMIT_MS} ms`)),
    );
    connection.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.length > MAX_CHARACTERS) connection.destroy(new Error("its answer has no end"));
    });
    connection.on("end", () => resolve(text));
    connection.on("error", reject);
    connection.on("close", () => stop.removeEventListener("abort", end));
  });

/** HAProxy's page of statistics as CSV, or its stats socket. */
export const haproxy =
  (where: Door | { socket: string }): Poll =>
  async (stop) =>
    serversIn(await ("socket" in where ? askSocket(where.socket, stop) : textAt(where, "", stop)));
