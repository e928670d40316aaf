import { spawn } from "node:child_process";

/** The programs that open an address for the user, by platform. None of them is a shell. */
export const openerOf = (platform: NodeJS.Platform, url: string): [string, ...string[]] => {
  if (platform === "darwin") return ["open", url];
  // `start` exists in cmd.exe alone; this is the program that `start` calls for an address.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
};

/** Opens the page in a browser. Resolves with false if there is no such program; a browser may outlive this process. */
export const openPage = (
  url: string,
  [command, ...args] = openerOf(process.platform, url),
): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
