/**
 * Calls `onTransition({ site, target, transition, drill })` for every transition as it happens, each once and in order, for as long as the
 * page is open. `url`: /k/TOKEN/v1/events, with ?site= for one site. Calls `onGap` if so many transitions happened while the page was
 * disconnected that the detector no longer keeps some of them: read the verdicts anew.
 */
export const follow = (url, onTransition, onGap = () => {}) => {
  let last = "";
  const open = () => {
    const address = new URL(url, location.href);
    if (last !== "") address.searchParams.set("after", last);
    const source = new EventSource(address);
    const hear = (name, act) =>
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        act(event);
      });
    hear("ready", () => {});
    hear("gap", () => onGap());
    hear("transition", (event) => onTransition(JSON.parse(event.data)));
    // A browser reconnects by itself after a broken connection, but never after an answer that is not 200.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3_000);
    });
  };
  open();
};
