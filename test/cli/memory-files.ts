import type { Files } from "../../src/cli/shared/files/disk.ts";

/** A disk that outlives the program that writes it, and may be full. */
export class MemoryFiles implements Files {
  readonly texts = new Map<string, string>();
  isFull = false;
  readonly read = (name: string): string | undefined => this.texts.get(name);
  readonly write = (name: string, text: string): void => {
    if (this.isFull)
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    this.texts.set(name, text);
  };
  readonly remove = (name: string): void => void this.texts.delete(name);
  readonly list = (folder: string): string[] =>
    [...this.texts.keys()]
      .filter((name) => name.startsWith(`${folder}/`))
      .map((name) => name.slice(folder.length + 1));
}
