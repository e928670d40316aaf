/** Names that Parallax accepts, each used once. */
import { fitted, MAX_LENGTH } from "../shared/arguments/naming.ts";

/** A name that is not in `taken`, to which it is added. */
const once = (name: string, taken: Set<string>): string => {
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const ending = `-${number}`;
    free = name.slice(0, MAX_LENGTH - ending.length) + ending;
  }
  taken.add(free);
  return free;
};

/** Names of sites and of the targets in each site, all unique. */
export class Names {
  readonly #sites = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #targets = new Map<string, Set<string>>();

  /** The same text is the same site. */
  site(text: string): string {
    const known = this.#sites.get(text);
    if (known !== undefined) return known;
    const name = once(fitted(text, "site"), this.#taken);
    this.#sites.set(text, name);
    return name;
  }

  target(site: string, text: string): string {
    const taken = this.#targets.get(site) ?? new Set<string>();
    this.#targets.set(site, taken);
    return once(fitted(text, "target"), taken);
  }
}
