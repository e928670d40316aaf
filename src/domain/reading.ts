/**
 * What one verdict read carries from the aggregator to the API: its entity tag and the ready-made
 * answer in one string. A string crosses between objects at less cost than a tree of the same
 * bytes, and the verdict route passes it on without looking inside.
 */
export interface Reading {
  etag: string;
  /** The VerdictAnswer as JSON. */
  json: string;
}

export const encodeReading = (reading: Reading): string => `${reading.etag}\n${reading.json}`;

export const decodeReading = (text: string): Reading => {
  const end = text.indexOf("\n");
  return { etag: text.slice(0, end), json: text.slice(end + 1) };
};
