// A session that ended, or began anew in another tab, while this page was open: what was typed here
// stays here and can still be sent. The desk works without this file; then the server carries the words.
"use strict";
(() => {
  // Signing in gives the browser a new token against forged forms; the one in an older page is dead.
  // The cookie is ours alone to read, so a form that is sent takes the token that holds now.
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const renew = (form) => {
    const field = form.querySelector?.("input[name=csrfmiddlewaretoken]");
    if (field && token()) field.value = token();
  };
  document.addEventListener("submit", (event) => renew(event.target), true);
  document.addEventListener("htmx:configRequest", (event) => {
    const sent = event.detail.parameters;
    if (sent && "csrfmiddlewaretoken" in sent && token()) sent.csrfmiddlewaretoken = token();
  });

  // The notice stays until it is answered: a sentence that passes by is missed by who looks at the keys.
  const words = document.getElementById("session-ended");
  const ended = () => {
    if (!words || document.querySelector("[data-session-ended]")) return;
    const notice = words.content.firstElementChild.cloneNode(true);
    notice.querySelector("button")?.addEventListener("click", () => notice.remove());
    document.getElementById("main").prepend(notice);
    notice.querySelector("a")?.focus();
  };
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) ended(); });
  document.addEventListener("session-ended", ended); // for what asks the desk without HTMX
})();
