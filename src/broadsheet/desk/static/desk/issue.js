// The pages: a small toolbar for restricted Markdown, what is pasted made into it, words held
// on the desk while they are typed, items moved by dragging and by keys. All of it works without this file,
// with plain fields and buttons.
"use strict";
(() => {
  const PASTED = document.currentScript.dataset.pasted; // the desk may stand below a path
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const post = (address, fields) => fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    credentials: "same-origin",
  }).then((answer) => {
    // The notice to sign in again comes from door.js; the words stay on the page meanwhile.
    if (answer.status === 401) document.dispatchEvent(new Event("session-ended"));
    return answer;
  });
  const say = (words) => {
    const said = document.getElementById("said");
    if (!said) return;
    said.textContent = "";
    setTimeout(() => { said.textContent = words; }, 40);
  };
  const lang = document.documentElement.lang;
  const zh = lang.startsWith("zh");
  const SAID = zh ? {
    bold: "粗體", italic: "斜體", link: "連結", list: "清單", format: "格式", address: "網址",
    held: "已暫存，尚未儲存。", lost: "未能連接：文字只存於此頁。", pasted: "已貼上，樣式已除去。",
  } : {
    bold: "Bold", italic: "Italic", link: "Link", list: "List", format: "Format", address: "https://",
    held: "Held on the desk, not kept yet.", lost: "The desk does not answer: what you type is held in this tab.",
    pasted: "Pasted as words, links, emphasis and lists.",
  };

  // --- writing ---------------------------------------------------------------------------------
  // Through the browser's own command, so that its undo knows of it.
  const put = (field, words, from = field.selectionStart, to = field.selectionEnd) => {
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, words)) {
      field.setRangeText(words, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const around = (field, mark) => {
    const { selectionStart: from, selectionEnd: to, value } = field;
    const words = value.slice(from, to);
    const marked = words.startsWith(mark) && words.endsWith(mark) && words.length > 2 * mark.length;
    put(field, marked ? words.slice(mark.length, -mark.length) : mark + words + mark, from, to);
    if (!words) field.setSelectionRange(from + mark.length, from + mark.length);
  };
  const link = (field) => {
    const { selectionStart: from, selectionEnd: to, value } = field;
    const words = value.slice(from, to);
    put(field, `[${words}](${SAID.address})`, from, to);
    const at = words ? from + words.length + 3 : from + 1;
    field.setSelectionRange(at, words ? at + SAID.address.length : at);
  };
  const list = (field) => {
    const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    const end = field.value.indexOf("\n", field.selectionEnd);
    const to = end < 0 ? field.value.length : end;
    const lines = field.value.slice(from, to).split("\n");
    const all = lines.every((line) => line.startsWith("- "));
    put(field, lines.map((line) => (all ? line.slice(2) : `- ${line}`)).join("\n"), from, to);
  };
  const TOOLS = [
    ["B", SAID.bold, "b", (field) => around(field, "**")],
    ["I", SAID.italic, "i", (field) => around(field, "*")],
    [SAID.link, SAID.link, "k", link],
    [SAID.list, SAID.list, "", list],
  ];
  for (const field of document.querySelectorAll("textarea[data-rich]")) {
    const bar = document.createElement("div");
    bar.className = "toolbar";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", SAID.format);
    for (const [sign, name, key, act] of TOOLS) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = key ? `${name} (Ctrl+${key.toUpperCase()})` : name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => act(field));
      bar.append(button);
    }
    field.before(bar);
    field.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const tool = TOOLS.find(([, , key]) => key && key === event.key.toLowerCase());
      if (tool) { event.preventDefault(); tool[3](field); }
    });
    field.addEventListener("paste", (event) => {
      const html = event.clipboardData?.getData("text/html");
      if (!html) return;
      const plain = event.clipboardData.getData("text/plain");
      const { selectionStart: from, selectionEnd: to } = field;
      event.preventDefault();
      post(PASTED, { html })
        .then(async (answer) => {
          if (!answer.ok) throw new Error(await answer.text());
          put(field, await answer.text(), from, to);
          say(SAID.pasted);
        })
        .catch(() => put(field, plain, from, to));
    });
  }

  // --- the words that the check speaks of --------------------------------------------------------
  const marked = document.querySelector("[data-mark]");
  const field = marked && document.getElementById(marked.dataset.mark);
  if (field && "setSelectionRange" in field) {
    const words = marked.dataset.markWords;
    let at = Number(marked.dataset.markAt);
    if (field.value.slice(at, at + words.length) !== words) at = field.value.indexOf(words);
    field.focus();
    if (at >= 0) field.setSelectionRange(at, at + words.length);
    field.scrollIntoView({ block: "center" });
  }

  // --- held on the desk --------------------------------------------------------------------------
  for (const form of document.querySelectorAll("form[data-hold]")) {
    const told = form.querySelector("[data-held-said]");
    const words = () => JSON.stringify([...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "turn"));
    const where = new URL(form.action, location.href).pathname;
    let timer = 0;
    let sent = words();
    const hold = () => {
      const now = words();
      if (now === sent) return;
      post(form.dataset.hold, { form: where, words: now })
        .then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          sent = now;
          if (told) told.textContent = SAID.held;
        })
        .catch(() => {
          if (told) told.textContent = SAID.lost;
          clearTimeout(timer);
          timer = setTimeout(hold, 5000);
        });
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(hold, 1500); });
    window.addEventListener("online", hold);
    form.addEventListener("submit", () => clearTimeout(timer));
    form.addEventListener("dropped", () => post(form.dataset.hold, { form: where, words: "[]" }).catch(() => {}));
  }

  // --- moving ------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const item = document.activeElement?.closest?.("[data-place]");
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!item || !way) return;
    event.preventDefault();
    item.querySelector(`button[name=to][value=${way}]`)?.click();
  });
  let dragged = null;
  const line = document.createElement("li");
  line.className = "drop-here";
  line.setAttribute("aria-hidden", "true");
  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.(".handle")?.closest("[data-place]");
    if (!item) return;
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.id);
    event.dataTransfer.setDragImage(item, 0, 0);
    item.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const section = dragged && event.target.closest?.("[data-section]");
    if (!section) return;
    event.preventDefault();
    let items = section.querySelector(".picks");
    if (!items) {
      items = document.createElement("ol");
      items.className = "picks";
      section.querySelector("h2").after(items);
    }
    const below = [...items.querySelectorAll("[data-place]")].find((one) => {
      const box = one.getBoundingClientRect();
      return one !== dragged && event.clientY < box.top + box.height / 2;
    });
    items.insertBefore(line, below ?? null);
  });
  document.addEventListener("drop", (event) => {
    if (!dragged || !line.parentElement) return;
    event.preventDefault();
    const section = line.closest("[data-section]").dataset.section;
    const before = [...line.parentElement.children].slice(0, [...line.parentElement.children].indexOf(line));
    const at = before.filter((one) => one !== dragged && one.matches("[data-place]")).length;
    const form = document.createElement("form");
    form.method = "post";
    form.action = dragged.dataset.place;
    for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token(), section, at })) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  });
  document.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; line.remove(); });
})();
