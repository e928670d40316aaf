import { inOneLine } from "../trouble.ts";
import type { Flaw } from "./reading.ts";

export const shownFlaw = ({ file, line, field, message }: Flaw): string =>
  `${file}:${line}: ${field === "" ? "" : `${field} `}${inOneLine(message)}`;
