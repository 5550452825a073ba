/* The values of a form as typed, as written by the server, and as kept in this browser. */

const IGNORED = ["csrfmiddlewaretoken", "version", "seen", "draft_seen", "declared"];
const UNTYPED = ["hidden", "password", "file", "submit", "button", "search"];

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !IGNORED.includes(field.name) && !UNTYPED.includes(field.type));
}

/* An offered value stands in its field, but until somebody confirms it the field counts as what the server has (piece-offers.js). */
function valueOf(field) {
  if ("held" in field.dataset) return field.dataset.held;
  if (field.type === "radio" || field.type === "checkbox") return field.checked ? field.value : null;
  return field.value;
}

function writtenValue(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.defaultChecked ? field.value : null;
  if (field.tagName !== "SELECT") return field.defaultValue;
  const written = [...field.options].find((option) => option.defaultSelected);
  return (written || field.options[0])?.value ?? "";
}

function collect(form, read) {
  const values = {};
  fieldsOf(form).forEach((field) => {
    const value = read(field);
    if (value !== null) values[field.name] = value;
  });
  return values;
}

export function valuesOf(form) { return collect(form, valueOf); }
export function writtenValues(form) { return collect(form, writtenValue); }

function tidy(text) { return (text || "").replace(/\r\n/g, "\n").trim(); }

export function differs(a, b) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].some((name) => tidy(a[name]) !== tidy(b[name]));
}

/* A field that is filled in only half, such as a date without a day: its value is empty, but it is not blank. */
export function badField(form) { return fieldsOf(form).find((field) => field.validity.badInput); }

export function fill(form, values) {
  fieldsOf(form).forEach((field) => {
    delete field.dataset.held;
    if (field.type === "radio" || field.type === "checkbox") field.checked = values[field.name] === field.value;
    else if (field.name in values) field.value = values[field.name];
  });
}

export function labelOf(field) { return field.labels?.[0]?.textContent.trim() || field.name; }

/* The value as its field shows it. */
function worded(field, value) {
  const option = field.tagName === "SELECT" && [...field.options].find((each) => each.value === value);
  return option ? option.text : tidy(value);
}

export function asText(form, values) {
  return fieldsOf(form).filter((field) => tidy(values[field.name])).map((field) => `${labelOf(field)}：${worded(field, values[field.name])}`).join("\n") || "（空）";
}

/* Local storage. Without it (private window, full) nothing is kept, and what the server has still counts. */
export function kept(slot) { try { return JSON.parse(localStorage.getItem(slot)); } catch { return null; } }
export function keep(slot, value) { try { localStorage.setItem(slot, JSON.stringify({ at: Date.now(), ...value })); } catch { /* not kept */ } }
export function dropKept(slot) { try { localStorage.removeItem(slot); } catch { /* nothing was kept */ } }
