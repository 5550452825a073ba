/* The points of 任务分工: the lead changes by an explicit act that names the old one, assisting units are added by typing. The row on the
   screen is always the one that the server has: it is replaced by the server's answer, also after a refusal. */
import { csrfToken, element } from "./common.js";
import { UnitPicker } from "./unit-picker.js";

const choices = JSON.parse(document.getElementById("unit-choices")?.textContent || "null");
const before = new Map(); // row → roles before its last change, for 撤销

function rolesOf(row) {
  return { lead: row.dataset.lead, assists: [...row.querySelectorAll("[data-unit]")].map((chip) => chip.dataset.unit) };
}

function nameOf(id) { return choices.units.find((unit) => String(unit.id) === String(id))?.name || "原单位"; }

function dress(row) {
  row.querySelectorAll(".js-only").forEach((part) => { part.hidden = false; });
  return row;
}

function tell(row, text, bad) {
  const note = row.querySelector("[data-note]");
  note.textContent = "";
  note.append(element("span", bad ? "light-red" : "muted", text));
  return note;
}

function offerUndo(row, roles) {
  const button = element("button", "btn btn-sm btn-link", "撤销");
  button.type = "button";
  button.dataset.undo = "";
  before.set(row.id, roles);
  row.querySelector("[data-note]").append(" ", button);
}

async function save(row, wanted, undone) {
  const was = rolesOf(row);
  const body = new URLSearchParams({ seen: row.dataset.seen });
  wanted.assists.filter((id) => id !== wanted.lead).forEach((id) => { body.set(`u${id}`, "assist"); });
  if (wanted.lead) body.set(`u${wanted.lead}`, "lead");
  row.setAttribute("aria-busy", "true");
  row.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  tell(row, "正在保存…");
  let response;
  try {
    response = await fetch(row.dataset.save, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin", redirect: "manual" });
  } catch { response = { status: 0 }; }
  if (![200, 409, 422].includes(response.status)) {
    row.removeAttribute("aria-busy");
    row.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    tell(row, response.status ? "没有保存：登录已过期或没有权限，请刷新页面后再改。" : "没有保存：连接中断，分工没有变。请稍后再试。", true);
    return row;
  }
  const made = document.createElement("template");
  made.innerHTML = (await response.text()).trim();
  const now = dress(made.content.querySelector("tr"));
  row.replaceWith(now);
  if (response.status === 200) { before.delete(now.id); if (!undone) offerUndo(now, was); }
  return now;
}

function pick(row, place, label, options, chosen) {
  row.querySelector(".unit-picker")?.remove();
  const picker = new UnitPicker(label, options, chosen);
  place.append(picker.box);
  picker.focus();
}

function add(row) {
  const { lead, assists } = rolesOf(row);
  const isTaken = (unit) => assists.includes(String(unit.id)) || String(unit.id) === lead;
  const options = { units: choices.units.filter((unit) => !isTaken(unit)), taken: choices.units.filter(isTaken), groups: choices.groups };
  pick(row, row.querySelector("[data-add]").parentElement, "加配合单位", options, async (ids, unknown, taken) => {
    let now = row;
    if (ids.length) now = await save(row, { lead, assists: [...assists, ...ids.map(String)] });
    const left = [taken.length ? `已在其中，不用再加：${taken.join("、")}` : "", unknown.length ? `没有这些单位，没有加：${unknown.join("、")}` : ""].filter(Boolean);
    if (left.length) tell(now, left.join("；"), unknown.length > 0);
    if (ids.length && now !== row) add(now);
  });
}

function changeLead(row) {
  const { lead } = rolesOf(row);
  const others = choices.units.filter((unit) => String(unit.id) !== lead);
  pick(row, row.querySelector("[data-change-lead]").parentElement, "新的牵头单位", { units: others, taken: [], groups: [] }, ([id]) => {
    if (id) askAboutOld(row, String(id));
  });
}

/* The old lead stays as an assisting unit or leaves: nobody is demoted without being named. */
function askAboutOld(row, id) {
  const { lead, assists } = rolesOf(row);
  const rest = assists.filter((each) => each !== id);
  row.querySelector(".unit-picker")?.remove();
  if (!lead) { save(row, { lead: id, assists: rest }); return; }
  const note = tell(row, `牵头由${nameOf(lead)}改为${nameOf(id)}。${nameOf(lead)}：`);
  [["改为配合", [...rest, lead]], ["不再参与", rest], ["取消", null]].forEach(([label, left]) => {
    const button = element("button", left ? "btn btn-sm btn-outline-primary" : "btn btn-sm btn-link", label);
    button.type = "button";
    button.addEventListener("click", () => { if (left) save(row, { lead: id, assists: left }); else note.textContent = ""; });
    note.append(" ", button);
  });
  note.querySelector("button").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const row = button?.closest("[data-point]");
  if (!row) return;
  const { lead, assists } = rolesOf(row);
  if (button.hasAttribute("data-add")) add(row);
  if (button.hasAttribute("data-change-lead")) changeLead(row);
  if (button.hasAttribute("data-drop")) save(row, { lead, assists: assists.filter((id) => id !== button.parentElement.dataset.unit) });
  if (button.hasAttribute("data-undo")) save(row, before.get(row.id), true);
});

if (choices) document.querySelectorAll("[data-point]").forEach(dress);
