import { z } from "zod";

export { fromInstant, toInstant } from "./plain/rfc3339.ts";

/** RFC 3339, UTC, with milliseconds: the form in which every instant leaves Parallax. */
export const InstantSchema = z.iso.datetime({ precision: 3 });
