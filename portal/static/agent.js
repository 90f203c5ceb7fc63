// At the counter a page that the browser kept may be untrue by now, and a line
// may break at any moment: what is shown is how things stand, and nothing is
// ever sent later than when a person sent it.
"use strict";
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
(() => {
  const line = document.getElementById("line");
  if (!line) return;
  const told = line.querySelector("p");
  const tell = (text) => { told.textContent = text; line.hidden = false; line.scrollIntoView({ block: "nearest" }); };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // The answer to a form has no address of its own: going back to it, or asking
  // for it again, leads to the page that it belongs to and sends nothing anew.
  const here = document.body.dataset.here;
  if (here) history.replaceState(null, "", here);

  // In a form of several pages the browser's back button is the page's own, so
  // that what was written stays.
  const back = document.querySelector("[data-back]");
  if (back && here) {
    history.pushState(null, "", here);
    addEventListener("popstate", () => back.click(), { once: true });
  }

  let asking = false;
  const lookAgain = async () => {
    if (asking) return;
    asking = true;
    const path = location.pathname;
    for (;;) {
      const there = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(20000) }).catch(() => null);
      if (there) { location.replace(path); return; }
      await pause(3000);
    }
  };

  // Whether cash goes out or comes in is asked once. When the answer is lost, the
  // page does not ask again by itself: it looks how things stand.
  const sendOnce = async (form, button) => {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(35000) }).catch(() => null);
    if (answer?.redirected) { location.replace(answer.url); return; }
    const refusal = await answer?.text().catch(() => null);
    if (!refusal) { tell(line.dataset.lost); lookAgain(); return; }
    // Asked again the words might be others: what was refused may have changed.
    document.open();
    document.write(refusal);
    document.close();
  };
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (!navigator.onLine) {
      event.preventDefault();
      delete form.dataset.sent;
      event.submitter?.removeAttribute("aria-busy");
      tell(line.dataset.off);
    } else if (form.matches("[data-once]")) {
      event.preventDefault();
      sendOnce(form, event.submitter);
    }
  });
  addEventListener("offline", () => tell(line.dataset.off));
  addEventListener("online", () => { if (document.querySelector("[data-stands]")) lookAgain(); else line.hidden = true; });
})();
