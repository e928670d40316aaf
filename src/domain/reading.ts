/**
 * What one read of a verdict carries from the aggregator to the API: its entity tag, whether a rehearsal is behind it, and the ready-made
 * answer, in one string. A string crosses between objects at less cost than a tree of the same bytes, and the verdict route passes it on
 * without looking inside.
 */
export interface Reading {
  etag: string;
  /** The verdict rests on a drill that is not `live`: `/avoid` and `/failover` must stay negative. */
  rehearsal: boolean;
  /** The VerdictAnswer as JSON. */
  json: string;
}

export const encodeReading = (reading: Reading): string =>
  `${reading.etag}\n${reading.rehearsal ? "rehearsal" : "real"}\n${reading.json}`;

export const decodeReading = (text: string): Reading => {
  const first = text.indexOf("\n");
  const second = text.indexOf("\n", first + 1);
  return {
    etag: text.slice(0, first),
    // Anything but a plain "real" counts as a rehearsal: that mistake causes no failover.
    rehearsal: text.slice(first + 1, second) !== "real",
    json: text.slice(second + 1),
  };
};
