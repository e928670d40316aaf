/** The text as one word of a shell, whatever it contains. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export interface ShownCommand {
  /** The address of the detector. */
  origin: string;
  method: "PUT" | "POST" | "DELETE";
  path: string;
  body?: object;
}

/** An address contains no character that a shell reads, except in the variable that the user sets. */
const addressed = (address: string): string =>
  address.includes("$TARGET") ? `"${address}"` : quoted(address);

/** A call as a user types it. The token is in a variable, so that a command copied into a chat opens nothing. */
export const shownCommand = ({ origin, method, path, body }: ShownCommand): string =>
  [
    `curl -X ${method} ${addressed(origin + path)}`,
    `-H "Authorization: Bearer $ADMIN_TOKEN"`,
    ...(body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`]),
  ].join(" \\\n  ");
