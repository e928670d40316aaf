import { inOneLine } from "../shared/output/trouble.ts";
import type { ReadingFlaw } from "./checker-reading.ts";

export const shownFlaw = ({ file, line, field, message }: ReadingFlaw): string =>
  `${file}:${line}: ${field === "" ? "" : `${field} `}${inOneLine(message)}`;
