/** Real Chromium, and the errors that it reports while a page is open. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { PATH } from "../consumers/ability.ts";

/** The program's name in Debian's package. */
const COMMAND = "chromium";

export const NEEDS = { commands: { [COMMAND]: "chromium", setpriv: "util-linux" } };

const whereIs = (command: string): string => {
  for (const directory of PATH.split(":"))
    try {
      const file = join(directory, command);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Try the next directory.
    }
  throw new Error(`no ${command} in PATH`);
};

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: whereIs(COMMAND),
    // Root gets no sandbox. Fonts are drawn alike on any machine.
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--font-render-hinting=none"],
  });

export type Scheme = "light" | "dark";

export interface Opening {
  /** The address's path and query. */
  path: string;
  hasScript?: boolean;
  scheme?: Scheme;
  width?: number;
  height?: number;
  /** The password that the browser gets; null: none. */
  token?: string | null;
  /** Runs before the page is first loaded. */
  prepare?: (page: Page) => Promise<void>;
}

const HEIGHT_PX = 900;
/** Long enough for a machine that does other things as well. */
const PATIENCE_MS = 30_000;

/** A page in a new profile, as a person opens it on the first visit. */
export class Sheet {
  readonly page: Page;
  readonly #context: BrowserContext;
  /** Problems that no user should see: errors, refused scripts and styles, requests to other hosts, popup windows. */
  readonly ills: string[] = [];

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.ills.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.ills.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      this.ills.push(`window: ${dialog.message()}`);
      dialog.dismiss().catch(() => undefined);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/`)) this.ills.push(`asks ${request.url()}`);
    });
  }

  static async open(browser: Browser, origin: string, opening: Opening): Promise<Sheet> {
    const { path, hasScript = true, scheme = "light", width = 1_280, height = HEIGHT_PX } = opening;
    const { token = "local-read", prepare } = opening;
    const options: BrowserContextOptions = {
      javaScriptEnabled: hasScript,
      colorScheme: scheme,
      viewport: { width, height },
      locale: "en-GB",
      // Far from UTC: the page shows the detector's times, whatever the browser's zone.
      timezoneId: "Pacific/Auckland",
      ...(token === null ? {} : { httpCredentials: { username: "", password: token } }),
    };
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const sheet = new Sheet(context, await context.newPage(), origin);
    try {
      await prepare?.(sheet.page);
      await sheet.page.goto(origin + path, { waitUntil: "load" });
      return sheet;
    } catch (error) {
      await sheet.close();
      throw error;
    }
  }

  /** Throws all problems that came up, except the expected ones. */
  mustBeQuiet(expected: RegExp = /^$/): void {
    const ills = this.ills.filter((ill) => !expected.test(ill));
    if (ills.length > 0) throw new Error([...new Set(ills)].join("; "));
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
