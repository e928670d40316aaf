/** Values of headers that are kept in the environment, not in the file. */

/** Headers whose values are not secret. */
const OPEN = /^(accept(-\w+)?|content-type|cache-control|pragma|origin|referer|x-requested-with)$/i;
const REFERENCE = /\$\{[A-Za-z_]\w*\}/g;
/** Text that may stand beside a reference without revealing a secret. */
const BARE = /^\s*(bearer|basic|token|apikey)?\s*$/i;

export class Variables {
  /** The header that needs each variable, by the variable's name. */
  readonly needed = new Map<string, string>();
  readonly #byValue = new Map<string, string>();
  readonly #names = new Set<string>();

  /**
   * The text to write for a header's value. The same value of the same header gets the same variable. `hasVariables`: `${NAME}` in the
   * value is a reference, and stays.
   */
  written(target: string, header: string, value: string, hasVariables: boolean): string {
    const references = hasVariables ? (value.match(REFERENCE) ?? []) : [];
    if (references.length > 0 && BARE.test(value.replaceAll(REFERENCE, ""))) {
      for (const reference of references) this.#names.add(nameIn(reference));
      return value;
    }
    if (OPEN.test(header)) return value.replaceAll("${", () => "$${");
    const key = `${header.toLowerCase()}\n${value}`;
    const name = this.#byValue.get(key) ?? this.#free(`${target}_${header}`);
    this.#byValue.set(key, name);
    return `\${${name}}`;
  }

  /** Notes the variables that the final headers of a target need. */
  need(target: string, headers: Readonly<Record<string, string>>): void {
    for (const [header, value] of Object.entries(headers))
      for (const reference of value.replaceAll("$${", "").match(REFERENCE) ?? []) {
        const name = nameIn(reference);
        if (!this.needed.has(name)) this.needed.set(name, `header ${header} of ${target}`);
      }
  }

  #free(text: string): string {
    const name = text
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replace(/^(?=\d)/, "T_");
    let free = name;
    for (let number = 2; this.#names.has(free); number++) free = `${name}_${number}`;
    this.#names.add(free);
    return free;
  }
}

const nameIn = (reference: string): string => reference.slice(2, -1);
