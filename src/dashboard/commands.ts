/** One word of a shell, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export interface ShownCommand {
  /** Where the detector is. */
  origin: string;
  method: "PUT" | "POST" | "DELETE";
  path: string;
  body?: object;
}

/** An address holds nothing that a shell reads, but for the variable that whoever types it is to set. */
const addressed = (address: string): string =>
  address.includes("$TARGET") ? `"${address}"` : quoted(address);

/** A call as one types it. The token is in a variable: what is copied into a chat opens nothing. */
export const shownCommand = ({ origin, method, path, body }: ShownCommand): string =>
  [
    `curl -X ${method} ${addressed(origin + path)}`,
    `-H "Authorization: Bearer $ADMIN_TOKEN"`,
    ...(body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`]),
  ].join(" \\\n  ");
