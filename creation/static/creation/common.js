/* Functions for several pages: CSRF token, elements, refusals in htmx responses, keyboard shortcuts, clipboard. */

/* From the cookie, since the page's token is outdated after a login in another window. */
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

/* Show fragments with the status 409 or 422, which contain the reason of a refusal. */
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

/* Full-width brackets as Chinese input methods type them. */
const FULL_WIDTH = {"【": "[", "「": "[", "】": "]", "」": "]"};

/* The key as a shortcut: the same with Caps Lock, with full-width characters and while an input method takes the key. */
export function shortcutKey(event) {
  const key = event.key === "Process" ? keyAt(event) : FULL_WIDTH[event.key] || event.key;
  return key.length === 1 ? key.normalize("NFKC").toLowerCase() : key;
}

/* The character printed on the key. An input method that takes the key names only its position. */
function keyAt({ code, shiftKey }) {
  const printed = /^(?:Key|Digit)(.)$/.exec(code);
  if (printed) return printed[1];
  return { BracketLeft: "[", BracketRight: "]", Equal: "=", Minus: "-", Slash: shiftKey ? "?" : "/" }[code] || "";
}

export function isTyping(target) {
  return target.matches?.("input, textarea, select") || target.isContentEditable;
}

/* Copy the selected text. The newer clipboard API does not work without HTTPS. */
export function copySelection() {
  try { return document.execCommand("copy"); } catch { return false; }
}
