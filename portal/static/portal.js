// The one script: it adds keys, live tables and local times to pages that work
// without it. Elements say in data- attributes what they want of it.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { const box = $("#say"); if (box) box.textContent = text; };

  // Times: written in UTC by the server, told in the reader's zone here.
  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const plain = (seconds) => {
    const m = Math.floor(seconds / 60);
    return m < 60 ? m + " min" : m < 1440 ? Math.floor(m / 60) + " h" : Math.floor(m / 1440) + " d";
  };
  const tellTimes = (root) => {
    for (const t of $$("time[data-time]", root)) {
      const at = new Date(t.dateTime);
      t.title = exact.format(at);
      if (t.dataset.time === "moment") { t.textContent = moment.format(at); continue; }
      const past = (Date.now() - at) / 1000;
      if (Math.abs(past) < 60) t.textContent = "just now";
      else if (past > 0 && past < 7 * 86400) t.textContent = plain(past) + " ago";
    }
  };

  // Copy buttons.
  const readyCopies = (root) => { if (navigator.clipboard) for (const b of $$("[data-copy]", root)) b.hidden = false; };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("done");
    say("Copied");
    setTimeout(() => button.classList.remove("done"), 1500);
  });

  const dress = (root) => { tellTimes(root); readyCopies(root); };

  // Live parts: the page is fetched anew and the parts that differ are swapped.
  const fetchPage = async (href) => {
    const response = await fetch(href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (response.redirected && new URL(response.url).pathname.endsWith("/sign-in")) { location.reload(); return null; }
    if (!response.ok) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  };
  const swap = (id, page) => {
    const now = document.getElementById(id), next = page.getElementById(id);
    if (!now || !next || now.dataset.hash === next.dataset.hash && now.dataset.hash) return false;
    const held = now.contains(document.activeElement) ? document.activeElement.id : "";
    now.replaceWith(document.importNode(next, true));
    dress(document.getElementById(id));
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
    return true;
  };
  const refresh = async () => {
    if (document.hidden || $("[data-live] details[open], [data-live] form:focus-within")) return;
    const parts = $$("[data-live]");
    if (!parts.length) return;
    const page = await fetchPage(location.href).catch(() => null);
    if (!page) return;
    for (const part of parts) if (swap(part.id, page) && part.dataset.say) say(part.dataset.say);
  };
  const watch = async (box) => {
    if (document.hidden) return;
    const response = await fetch(box.dataset.watch, { credentials: "same-origin" }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const bar = $("#changed");
    if ((await response.json()).version !== box.dataset.version && bar?.hidden) { bar.hidden = false; say(bar.textContent.trim()); }
  };
  const watched = $("[data-watch]");
  if (watched) setInterval(() => watch(watched), 8000);
  const first = $("[data-live]");
  if (first) setInterval(refresh, 1000 * (Number(first.dataset.live) || 10));
  setInterval(() => tellTimes(document), 30000);

  // Links that change one part of the page; what was written is kept.
  const follow = async (link) => {
    const id = link.dataset.swap;
    const kept = $(`#${id} textarea`)?.value;
    const page = await fetchPage(link.href).catch(() => null);
    if (!page || !page.getElementById(id)) { location.href = link.href; return; }
    document.getElementById(id).replaceWith(document.importNode(page.getElementById(id), true));
    const part = document.getElementById(id);
    dress(part);
    const text = $("textarea", part);
    if (text && kept && !text.value) text.value = kept;
    history.replaceState(null, "", link.href);
    (text || $("[autofocus]", part) || part).focus();
    part.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    follow(link);
  });

  // Keys.
  const rows = () => $$("[data-row]");
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
    const target = $("a", next);
    target?.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (typing) {
      if (event.key === "Escape") event.target.blur();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) event.target.form.requestSubmit($("button.go", event.target.form) || undefined);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      j: () => move(1), k: () => move(-1),
      "/": () => $("[data-search]")?.focus(),
      "?": () => { const help = $(".foot a[href$='/help']"); if (help) location.href = help.href; },
      Escape: () => { for (const menu of $$("details[data-menu][open]")) menu.open = false; },
    }[event.key];
    if (act) { event.preventDefault(); act(); return; }
    const target = $(`[data-key="${CSS.escape(event.key)}"]`);
    if (target) { event.preventDefault(); if (target.matches("input, textarea, select")) target.focus(); else target.click(); }
  });
  document.addEventListener("click", (event) => {
    for (const menu of $$("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // A form is sent once; the server would take it as one act anyway.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent && Date.now() - form.dataset.sent < 3000) { event.preventDefault(); return; }
    form.dataset.sent = Date.now();
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of $$("form[data-sent]")) delete form.dataset.sent;
    for (const button of $$("button[aria-busy]")) button.removeAttribute("aria-busy");
  });
  for (const select of $$("form[data-auto] select")) select.addEventListener("change", () => select.form.requestSubmit());
  for (const button of $$("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }

  // Passkeys: the server makes the questions and judges the answers.
  const post = async (path, body) => {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    return answer;
  };
  const passkey = async (box) => {
    const signIn = box.dataset.passkey === "sign-in";
    const begun = await post(box.dataset.begin, { name: $("input", box)?.value || "" });
    const parsed = JSON.parse(begun.options);
    const wanted = parsed.publicKey || parsed;
    const credential = signIn
      ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(wanted) })
      : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(wanted) });
    const done = await post(box.dataset.complete, { challenge: begun.challenge, response: JSON.stringify(credential.toJSON()), next: box.dataset.next || "" });
    location.href = done.next;
  };
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    for (const box of $$("[data-passkey]")) {
      box.hidden = false;
      $("button", box).addEventListener("click", () => passkey(box).catch((err) => {
        const told = err.name === "NotAllowedError" ? "The passkey was not used. Try again, or sign in with your password." : err.message;
        const line = $("[data-wrong]", box);
        line.hidden = false;
        line.textContent = told;
      }));
    }
  }

  dress(document);
  const wrong = $("[aria-invalid='true']");
  if (wrong) wrong.focus();
})();
