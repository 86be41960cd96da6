// Keys and announcements. The desk works without this file: every action is a form.
"use strict";
(() => {
  const said = document.getElementById("said");
  const dialog = document.getElementById("keys");
  const OFF = "desk-keys-off";
  const moved = new Set(); // ids of cards decided by a key: the focus has gone on already
  let last = null; // the card decided last, for `u`

  const say = (words) => {
    if (!said) return;
    said.textContent = "";
    // A live region announces only what changes after it was empty.
    setTimeout(() => { said.textContent = words; }, 40);
  };
  let wanted = false;
  try { wanted = localStorage.getItem(OFF) !== "yes"; } catch { wanted = true; }

  const cards = () => [...document.querySelectorAll("[data-card]")];
  const current = () => document.activeElement?.closest?.("[data-card]") ?? null;
  const go = (card) => {
    if (!card) return;
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = cards();
    const at = all.indexOf(current());
    go(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by] ?? all[at]);
  };
  const press = (card, key) => {
    const control = card?.querySelector(`[data-key="${key}"]`);
    if (!control || control.disabled) return false;
    if (control.tagName === "SUMMARY") { control.parentElement.open = !control.parentElement.open; return true; }
    if (control.tagName === "A" && key === "o") { window.open(control.href, "_blank", "noopener,noreferrer"); return true; }
    control.click();
    if ("tls".includes(key)) {
      // At once, not when the answer comes: the next key is meant for the next story.
      const all = cards();
      const next = all.slice(all.indexOf(card) + 1).find((one) => !one.dataset.done && !moved.has(one.id));
      if (next) { moved.add(card.id); go(next); }
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (!wanted || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const key = event.key;
    if (key === "?" && dialog) { dialog.showModal(); event.preventDefault(); return; }
    if (!cards().length) return;
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "u") { if (!press(current(), "u") && last) press(document.getElementById(last), "u"); }
    else if ("tlsoe".includes(key) && key.length === 1) {
      if (!current()) go(cards()[0]);
      else press(current(), key);
    } else return;
    event.preventDefault();
  });

  for (const opener of document.querySelectorAll("[data-opens-keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => dialog?.showModal());
  }
  const box = document.getElementById("keys-on");
  if (box) {
    box.checked = wanted;
    box.addEventListener("change", () => {
      wanted = box.checked;
      try { localStorage.setItem(OFF, wanted ? "no" : "yes"); } catch { /* private window: for this page only */ }
    });
  }

  // The server says in a header what became of the story, and how many are left.
  document.body.addEventListener("said", (event) => {
    say(event.detail.words);
    for (const [name, count] of Object.entries(event.detail.counts ?? {})) {
      for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = count;
    }
  });
  document.body.addEventListener("htmx:load", (event) => {
    const card = event.detail.elt;
    if (!card.matches?.("[data-card]")) return;
    last = card.dataset.done ? card.id : null;
    if (!moved.delete(card.id)) go(card);
  });
  const failed = (words) => { moved.clear(); say(words); };
  document.body.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const plain = (answer.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
    failed(plain ? answer.responseText
      : `The desk answered with an error (${answer.status}). Nothing was changed. Load the page again.`);
  });
  document.body.addEventListener("htmx:sendError", () => {
    failed("The desk does not answer, so nothing was changed. Look whether it still runs, then try again.");
  });

  // Leaving with unsaved words: the browser asks.
  for (const form of document.querySelectorAll("form[data-guard]")) {
    let touched = false;
    form.addEventListener("input", () => { touched = true; });
    form.addEventListener("submit", () => { touched = false; });
    window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });
  }
})();
