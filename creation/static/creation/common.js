/* What several pages need: the token of a request, short times, and whether a key is meant for the page. */

/* The cookie's token is the newest: after a new login in another window the page's is old. */
export function csrfToken() {
  const found = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  return found ? found[1] : JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

export function twoDigits(number) { return String(number).padStart(2, "0"); }

export function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/* Fragments that come with the status 409 or 422 carry a reason: they are shown like any other. */
export function showRefusals(concerns) {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { status } = event.detail.xhr;
    if ((status !== 409 && status !== 422) || !concerns(event.detail.target)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
}

const KEYS = "review-keys";

export function keysEnabled() {
  try { return localStorage.getItem(KEYS) !== "off"; } catch { return true; }
}

export function enableKeys(enabled) {
  try { localStorage.setItem(KEYS, enabled ? "on" : "off"); } catch { /* kept for this page only */ }
}

export function isTyping(target) {
  return target.matches?.("input, textarea, select") || target.isContentEditable;
}

/* The old way to the clipboard, which works without a secure connection: the selected text. */
export function copySelection() {
  try { return document.execCommand("copy"); } catch { return false; }
}
