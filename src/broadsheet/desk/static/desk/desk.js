// Keys and announcements. The desk works without this file: every action is a form.
"use strict";
(() => {
  // The words of this file, in the language of the page: base.html has them.
  const told = document.getElementById("said")?.dataset ?? {};
  const said = document.getElementById("said");
  const dialog = document.getElementById("keys");
  const OFF = "desk-keys-off";
  const moved = new Set(); // ids of cards decided by a key: the focus has gone on already
  const from = new Map(); // by the id of a card that waits for its answer: where the editor was then
  let last = null; // the card decided last, for `u`

  let fades = 0;
  // What went well goes by itself: it stands on the page too. What went wrong stays.
  const say = (words, stays = false) => {
    if (!said) return;
    said.textContent = "";
    clearTimeout(fades);
    // A live region announces only what changes after it was empty.
    setTimeout(() => { said.textContent = words; }, 40);
    if (!stays) fades = setTimeout(() => { said.textContent = ""; }, 10_000);
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
    if (control.type === "checkbox") { control.click(); return true; }
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
    const search = document.getElementById("q");
    if (key === "/" && search) { search.focus(); search.select(); event.preventDefault(); return; }
    const ofPage = key.length === 1 && /[a-z]/.test(key) && document.querySelector(`[data-page-key="${key}"]`);
    if (ofPage && !ofPage.closest("[hidden]")) { ofPage.focus(); ofPage.click(); event.preventDefault(); return; }
    if (key === "u" && !current()?.dataset.done && !current()?.querySelector("[data-key=u]") && !last) {
      // Nothing here to undo: the last thing that this editor did.
      const undo = document.getElementById("undo-last");
      if (undo) { undo.requestSubmit(); event.preventDefault(); }
      return;
    }
    if (!cards().length) return;
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "u") { if (!press(current(), "u") && last) press(document.getElementById(last), "u"); }
    else if (key === "Enter" && event.target.matches("[data-card]")) press(event.target, key);
    else if ("tlsoecnx".includes(key) && key.length === 1) {
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

  // The server says in a header what became of the story, and how many are left. Answers may
  // overtake each other: counts that were taken before those shown are old.
  let counted = 0;
  document.body.addEventListener("said", (event) => {
    say(event.detail.words);
    if (event.detail.at < counted) return;
    counted = event.detail.at;
    for (const [name, count] of Object.entries(event.detail.counts ?? {})) {
      for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = count;
    }
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const card = event.detail.target?.closest?.("[data-card]");
    if (card && current()) from.set(card.id, current().id);
  });
  document.body.addEventListener("htmx:load", (event) => {
    const card = event.detail.elt;
    card.querySelector?.("[autofocus]")?.focus();
    if (!card.matches?.("[data-card]")) return;
    last = card.dataset.done ? card.id : null;
    // An answer that comes late must not call back an editor who has gone on to another card since.
    const there = from.get(card.id) ?? card.id;
    from.delete(card.id);
    if (!moved.delete(card.id) && (current()?.id ?? there) === there) go(card);
  });
  const failed = (words) => { moved.clear(); say(words, true); };
  document.body.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const plain = (answer.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
    failed(plain ? answer.responseText
      : told.fault.replace("000", answer.status));
  });
  document.body.addEventListener("htmx:sendError", () => {
    failed(told.silent);
  });

  // Choosing several: the row of actions shows itself when something is chosen.
  const together = document.getElementById("together");
  if (together) {
    const count = together.querySelector("[data-chosen]");
    const shown = () => {
      const chosen = document.querySelectorAll("input[form=together]:checked").length;
      together.hidden = !chosen;
      count.textContent = chosen || "";
      for (const card of cards()) card.classList.toggle("chosen", Boolean(card.querySelector("input[form=together]:checked")));
    };
    document.addEventListener("change", (event) => { if (event.target.matches?.("input[form=together]")) shown(); });
    // A card that was answered anew stays chosen.
    const chosen = new Set();
    document.body.addEventListener("htmx:beforeSwap", (event) => {
      const box = event.detail.target?.querySelector?.("input[form=together]");
      if (box?.checked) chosen.add(event.detail.target.id);
    });
    document.body.addEventListener("htmx:load", (event) => {
      const box = event.detail.elt.querySelector?.("input[form=together]");
      if (box && chosen.delete(event.detail.elt.id)) box.checked = true;
      shown();
    });
    together.addEventListener("reset", () => setTimeout(shown));
    shown();
  }

  // Dragging a card onto a tab decides it; onto another card it asks whether to merge. Buttons and
  // keys do the same.
  let dragged = null;
  const ASKED = { taken: "t", left: "l", later: "s" };
  const onto = (target) => {
    const place = target.closest?.("[data-drop], [data-card][data-story]");
    if (!dragged || !place || place === dragged) return null;
    return place.dataset.drop && !ASKED[place.dataset.drop] ? null : place;
  };
  if (document.getElementById("together")) {
    for (const card of cards()) card.querySelector(".headline").draggable = true;
    document.addEventListener("dragstart", (event) => {
      dragged = event.target.closest?.("[data-card][data-story]") ?? null;
      if (dragged) event.dataTransfer.setData("text/plain", dragged.querySelector(".headline").textContent.trim());
    });
    document.addEventListener("dragover", (event) => {
      const place = onto(event.target);
      for (const old of document.querySelectorAll(".drop-here")) if (old !== place) old.classList.remove("drop-here");
      if (!place) return;
      event.preventDefault();
      place.classList.add("drop-here");
    });
    document.addEventListener("drop", (event) => {
      const place = onto(event.target);
      if (!place) return;
      event.preventDefault();
      place.classList.remove("drop-here");
      if (place.dataset.drop) { press(dragged, ASKED[place.dataset.drop]); return; }
      for (const card of [place, dragged]) {
        const box = card.querySelector("input[form=together]");
        if (box && !box.checked) box.click();
      }
      // Chosen, not merged: one press more, for a hand that slipped.
      together.querySelector("[value=merge]").focus();
    });
    document.addEventListener("dragend", () => {
      dragged = null;
      for (const old of document.querySelectorAll(".drop-here")) old.classList.remove("drop-here");
    });
  }

  // The browser's list under the search field completes the word that is being typed, not the whole.
  const field = document.querySelector("input[list=hints]");
  const hints = document.getElementById("hints");
  if (field && hints) {
    const all = [...hints.options].map((one) => [one.value, one.label === one.value ? "" : one.label]);
    field.addEventListener("input", () => {
      const typed = field.value.match(/^(.*[\s(]-?)?(\S*)$/s);
      const [before, word] = [typed?.[1] ?? "", (typed?.[2] ?? "").toLowerCase()];
      hints.replaceChildren(...(word ? all : []).filter(([value, says]) =>
        value.toLowerCase().includes(word) || says.toLowerCase().includes(word)).slice(0, 30).map(([value, says]) => {
        const made = document.createElement("option");
        made.value = before + value;
        if (says) made.label = `${value}: ${says}`;
        return made;
      }));
    });
  }

  // Words not yet kept: the browser asks before they are left, and they outlive a lost connection
  // or a session that ended. In this tab alone, so that the next person at the machine finds none.
  const HELD = "desk-words:";
  const key = (form) => HELD + new URL(form.action, location.href).pathname;
  const typed = (form) => JSON.stringify([...new FormData(form)]
    .filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "turn")
    .map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
  const held = {
    get: (name) => { try { return sessionStorage.getItem(name); } catch { return null; } },
    set: (name, words) => { try { sessionStorage.setItem(name, words); } catch { /* full, or forbidden */ } },
    drop: (name) => { try { sessionStorage.removeItem(name); } catch { /* forbidden */ } },
  };
  const offer = (form, words) => {
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.setAttribute("role", "status");
    const text = document.createElement("p");
    text.textContent = told.unkept;
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = label;
      made.addEventListener("click", () => { act(); notice.remove(); });
      return made;
    };
    const back = button(told.back, () => {
      for (const [name, value] of JSON.parse(words)) {
        const field = form.elements.namedItem(name);
        if (field && "value" in field && field.type !== "hidden") field.value = value;
      }
      form.dispatchEvent(new Event("input"));
      form.querySelector("input:not([type=hidden]), textarea")?.focus();
    });
    const away = button(told.drop, () => {
      held.drop(key(form));
      form.dispatchEvent(new Event("dropped")); // the desk may hold them too: see issue.js
    });
    const row = document.createElement("div");
    row.className = "buttons";
    row.append(back, away);
    notice.append(text, row);
    form.before(notice);
  };
  // A page that opens far down, at the item that was kept, says there what its head says.
  const head = document.querySelector(".notes");
  if (head && location.hash) {
    const bad = head.querySelector(".bad");
    window.addEventListener("load", () => {
      if (head.getBoundingClientRect().bottom < 0) say(head.innerText, Boolean(bad));
    });
  }
  const kept = location.hash.match(/^#(pick|section)-(\d+)$/);
  if (kept && document.querySelector(".notes > li:not(.bad)")) held.drop(`${HELD}/desk/${kept[1]}s/${kept[2]}/`);
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const words = held.get(key(form)) ?? form.dataset.held;
    // What came back with a conflict or a mistake was typed, and is not kept yet.
    let touched = form.hasAttribute("data-unkept");
    if (touched) held.set(key(form), typed(form));
    else if (words === typed(form)) held.drop(key(form));
    else if (words) offer(form, words);
    form.addEventListener("input", () => { touched = true; held.set(key(form), typed(form)); });
    form.addEventListener("submit", () => { touched = false; });
    window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });
  }
})();
