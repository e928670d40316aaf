import { inOneLine } from "../shared/output/trouble.ts";
import type { Flaw } from "./checker-reading.ts";

export const shownFlaw = ({ file, line, field, message }: Flaw): string =>
  `${file}:${line}: ${field === "" ? "" : `${field} `}${inOneLine(message)}`;
