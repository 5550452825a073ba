/* The assignment matrix: a click changes a cell (empty, lead, assist), and the row is saved after a short pause. A group's checkbox checks all of its boxes. */
import { csrfToken } from "./common.js";

const next = { "": "lead", lead: "assist", assist: "" };
const sign = { "": "", lead: "牵", assist: "配" };
const word = { "": "无", lead: "牵头", assist: "配合" };
const status = document.querySelector("[data-saved]");
const timers = new Map();
const saving = new Map();

function show(button, role) {
  button.dataset.role = role;
  button.className = `role role-${role}`;
  button.textContent = sign[role];
  button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/(牵头|配合|无)$/, word[role]));
}

function tell(row, text, bad) {
  let note = row.querySelector("[data-note]");
  if (!note) {
    note = document.createElement("span");
    note.dataset.note = "";
    row.cells[0].appendChild(note);
  }
  note.className = bad ? "light-red d-block" : "muted small d-block";
  note.textContent = text;
  if (status) status.textContent = text;
}

/* Save a row only after its previous save, whose fingerprint the request must carry. */
function save(row) {
  saving.set(row, (saving.get(row) || Promise.resolve()).then(() => send(row)));
}

function send(row) {
  const body = new URLSearchParams();
  body.set("seen", row.dataset.seen);
  row.querySelectorAll("button.role").forEach((button) => { body.set(`u${button.dataset.unit}`, button.dataset.role); });
  const bare = row.querySelector("[data-bare]");
  if (bare) bare.remove();
  return fetch(row.dataset.save, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin" })
    .then((response) => {
      if ([200, 409, 422].indexOf(response.status) < 0) throw new Error(String(response.status));
      if (response.status === 200) row.dataset.seen = response.headers.get("X-Seen");
      return response.text().then((text) => { tell(row, text.trim(), response.status !== 200); });
    })
    .catch(() => { tell(row, "没有保存：连接中断或登录已过期，请刷新页面后重试。", true); });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.role");
  if (!button) return;
  const row = button.closest("tr"); const role = next[button.dataset.role];
  if (role === "lead") row.querySelectorAll('button[data-role="lead"]').forEach((other) => { show(other, "assist"); });
  show(button, role);
  clearTimeout(timers.get(row));
  timers.set(row, setTimeout(() => { timers.delete(row); save(row); }, 900));
});
window.addEventListener("beforeunload", (event) => {
  if (timers.size) { timers.forEach((timer, row) => { clearTimeout(timer); save(row); }); timers.clear(); event.preventDefault(); }
});

document.querySelectorAll("[data-groups] fieldset").forEach((group) => {
  const all = group.querySelector("[data-all]"); const boxes = group.querySelectorAll("input[name]");
  function count() { all.checked = Array.prototype.every.call(boxes, (box) => box.checked); }
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); });
  group.addEventListener("change", count);
  count();
});

const chosen = document.querySelector("[data-chosen]"); const audience = document.querySelectorAll('input[name="audience"]');
function reveal() {
  const picked = document.querySelector('input[name="audience"]:checked');
  chosen.hidden = !picked || picked.value !== "chosen";
}
if (chosen && audience.length) {
  audience.forEach((radio) => { radio.addEventListener("change", reveal); });
  reveal();
}
