/** What a real connection meets, found by a shell and without any code of the detector. */
import { onHost, run } from "./namespace.ts";
import type { Host } from "./topology.ts";

/** `open`: accepted, no answer; `refused`, `unreachable`: an error came back; `silent`: nothing came back; `nameless`: no address. */
export type Touch = "answers" | "open" | "refused" | "unreachable" | "silent" | "nameless";

const CONNECT_S = 1.5;
const ANSWER_S = 1;

/** One TCP connection with an HTTP request; a line protocol's greeting is an answer too. */
const SCRIPT = `
exec 2>&1
said=$(timeout ${CONNECT_S} bash -c 'exec 3<>/dev/tcp/$0/$1' "$1" "$2" 2>&1); code=$?
if [ $code = 124 ]; then echo silent; exit; fi
case "$said" in *refused*) echo refused; exit;; *"No route"*|*nreachable*) echo unreachable; exit;; *"name resolution"*|*"not known"*) echo nameless; exit;; esac
if [ $code != 0 ]; then echo "$said"; exit 1; fi
timeout ${CONNECT_S + ANSWER_S} bash -c 'exec 3<>/dev/tcp/$0/$1; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; read -r -t ${ANSWER_S} line <&3 && [ -n "$line" ]' "$1" "$2" && echo answers || echo open`;

/** Connects from a host of the lab to an address and port. Takes about three seconds at most. */
export const touch = async (from: Host, address: string, port: number): Promise<Touch> => {
  const said = await run([...onHost(from), "bash", "-c", SCRIPT, "touch", address, String(port)]);
  return said.trim().split("\n").at(-1) as Touch;
};
