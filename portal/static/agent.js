// At the counter a page that the browser kept may be untrue by now: one that the
// back button brings back is fetched anew.
"use strict";
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
