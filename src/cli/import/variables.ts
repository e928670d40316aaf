/** Values of headers that stand in the environment, and not in the file. */

/** Of these nobody makes a secret. */
const OPEN = /^(accept(-\w+)?|content-type|cache-control|pragma|origin|referer|x-requested-with)$/i;
const REFERENCE = /\$\{[A-Za-z_]\w*\}/g;
/** What may stand beside a reference without giving anything away. */
const BARE = /^\s*(bearer|basic|token|apikey)?\s*$/i;

export class Variables {
  /** By name: what needs it. */
  readonly needed = new Map<string, string>();
  readonly #byValue = new Map<string, string>();

  /**
   * What is written for a header's value. The same value of the same header is the same variable. `hasVariables`: references in it
   * are such, and stay.
   */
  written(target: string, header: string, value: string, hasVariables: boolean): string {
    const references = hasVariables ? (value.match(REFERENCE) ?? []) : [];
    if (references.length > 0 && BARE.test(value.replaceAll(REFERENCE, ""))) {
      for (const reference of references) this.#need(reference.slice(2, -1), target, header);
      return value;
    }
    if (OPEN.test(header)) return value.replaceAll("${", () => "$${");
    const key = `${header.toLowerCase()}\n${value}`;
    const name = this.#byValue.get(key) ?? this.#free(`${target}_${header}`);
    this.#byValue.set(key, name);
    this.#need(name, target, header);
    return `\${${name}}`;
  }

  #need(name: string, target: string, header: string): void {
    if (!this.needed.has(name)) this.needed.set(name, `header ${header} of ${target}`);
  }

  #free(text: string): string {
    const name = text
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replace(/^(?=\d)/, "T_");
    let free = name;
    for (let number = 2; this.needed.has(free); number++) free = `${name}_${number}`;
    return free;
  }
}
