import type { Dial } from "../probe/socket.ts";
import type { Fetch } from "../probe/wire.ts";

/** Counts the connections that one probe holds, as Workers counts them: a dial that was given up on counts until it ends. */
export class Places {
  #held = 0;

  get held(): number {
    return this.#held;
  }

  dial(dial: Dial): Dial {
    return (address) => {
      const socket = dial(address);
      const { opened, closed, readable, writable } = socket;
      const leave = this.#enter();
      let isOpen = false;
      opened.then(() => {
        isOpen = true;
      }, leave);
      closed.then(leave, leave);
      return {
        opened,
        closed,
        readable,
        writable,
        close: () => {
          if (isOpen) leave();
          return socket.close();
        },
      };
    };
  }

  /** An aborted `fetch` leaves no connection behind. */
  fetch(fetch: Fetch): Fetch {
    return async (url, init) => {
      const leave = this.#enter();
      init.signal?.addEventListener("abort", leave);
      return fetch(url, init).finally(leave);
    };
  }

  /** Takes a place. The function returned gives it back, once. */
  #enter(): () => void {
    this.#held += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#held -= 1;
      isHeld = false;
    };
  }
}
