import { type Door, jsonAt } from "./http-source.ts";
import { fieldOf, listedNames, type Named, type Poll } from "./checker-source.ts";

const textIn = (value: unknown, field: string): string => {
  const text = fieldOf(value, field);
  return typeof text === "string" ? text : "";
};

/** The state by the newest result, if there is one. */
const upIn = (results: unknown): boolean | null => {
  if (!Array.isArray(results)) return null;
  const newest = results.toSorted((a, b) => (textIn(a, "timestamp") < textIn(b, "timestamp") ? 1 : -1))[0];
  const success = fieldOf(newest, "success");
  return typeof success === "boolean" ? success : null;
};

/** The state of each endpoint in an answer of Gatus. */
export const endpointsIn = (answer: unknown): Named[] => {
  if (!Array.isArray(answer) || answer.some((one) => textIn(one, "name") === ""))
    throw new Error("its answer is no list of endpoints with a name each: WHERE must be Gatus' own address");
  return listedNames(
    answer.map((endpoint: unknown) => {
      const [name, group] = [textIn(endpoint, "name"), textIn(endpoint, "group")];
      return {
        name: group === "" ? name : `${group}/${name}`,
        site: group || undefined,
        target: name,
        up: upIn(fieldOf(endpoint, "results")),
      };
    }),
  );
};

/** Gatus' API. */
export const gatus =
  (door: Door): Poll =>
  async (stop) =>
    endpointsIn(await jsonAt(door, "/api/v1/endpoints/statuses?page=1&pageSize=1", stop));
