/* The values of a form as typed, as written by the server, and as kept in this browser. */

const VERSIONS = ["version", "seen", "draft_seen"];
const IGNORED = ["csrfmiddlewaretoken", "declared", ...VERSIONS];
const UNTYPED = ["hidden", "password", "file", "submit", "button", "search"];

function isTicked(field) { return field.type === "radio" || field.type === "checkbox"; }

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !IGNORED.includes(field.name) && !UNTYPED.includes(field.type));
}

/* Hidden fields say what a form is about, or which version of it was read. */
function hiddenOf(form) { return [...form.elements].filter((field) => field.type === "hidden" && field.name); }
function bareName(field) { return field.name.split("-").pop(); } // without the prefix of one of several forms
export function fixedValues(form) { return hiddenOf(form).filter((field) => !IGNORED.includes(bareName(field))).map((field) => `${field.name}=${field.value}`); }
export function versionOf(form) { return hiddenOf(form).filter((field) => VERSIONS.includes(bareName(field))).map((field) => field.value).join(" "); }

function several(values) { return values.length ? values.join("\n") : null; }

/* An offered value stands in its field, but until somebody confirms it the field counts as what the server has (piece-offers.js). */
function valueOf(field) {
  if ("held" in field.dataset) return field.dataset.held;
  if (isTicked(field)) return field.checked ? field.value : null;
  if (field.multiple) return several([...field.selectedOptions].map((option) => option.value));
  return field.value;
}

function writtenValue(field) {
  if (isTicked(field)) return field.defaultChecked ? field.value : null;
  if (field.tagName !== "SELECT") return field.defaultValue;
  if (field.multiple) return several([...field.options].filter((option) => option.defaultSelected).map((option) => option.value));
  const written = [...field.options].find((option) => option.defaultSelected);
  return (written || field.options[0])?.value ?? "";
}

/* Boxes of one name: the ticked ones, a line each. */
function collect(form, read) {
  const values = {};
  fieldsOf(form).forEach((field) => {
    const value = read(field);
    if (value === null) return;
    values[field.name] = isTicked(field) && field.name in values ? `${values[field.name]}\n${value}` : value;
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

function picked(values, field, value) { return (values[field.name] || "").split("\n").includes(value); }

export function fill(form, values) {
  fieldsOf(form).forEach((field) => {
    delete field.dataset.held;
    if (isTicked(field)) field.checked = picked(values, field, field.value);
    else if (field.multiple) [...field.options].forEach((option) => { option.selected = picked(values, field, option.value); });
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
  const told = fieldsOf(form).filter((field) => isTicked(field) ? picked(values, field, field.value) : tidy(values[field.name]));
  return told.map((field) => isTicked(field) ? labelOf(field) : `${labelOf(field)}：${worded(field, values[field.name])}`).join("\n") || "（空）";
}

/* Local storage. Without it (private window, full) nothing is kept, and what the server has still counts. */
export function kept(slot) { try { return JSON.parse(localStorage.getItem(slot)); } catch { return null; } }
export function keep(slot, value) { try { localStorage.setItem(slot, JSON.stringify({ at: Date.now(), ...value })); } catch { /* not kept */ } }
export function dropKept(slot) { try { localStorage.removeItem(slot); } catch { /* nothing was kept */ } }
