/* On a shared computer, Back leads to pages of the person before. What the browser puts back into their fields, during parsing or after
   loading, is not this person's: the fields keep what the server and this person's own kept text say. */
function read(field) {
  if (field.tagName === "SELECT") return [...field.options].map((option) => option.selected);
  return field.type === "radio" || field.type === "checkbox" ? field.checked : field.value;
}

function write(field, state) {
  if (field.tagName === "SELECT") [...field.options].forEach((option, place) => { option.selected = state[place]; });
  else if (field.type === "radio" || field.type === "checkbox") field.checked = state;
  else field.value = state;
}

function keepFields() {
  const fields = [...document.querySelectorAll("input:not([type=file]), select, textarea")];
  const states = fields.map(read);
  window.addEventListener("pageshow", () => { fields.forEach((field, place) => { write(field, states[place]); }); }, { once: true });
}

const { person = "" } = document.body.dataset;
if (history.state?.person !== undefined && history.state.person !== person) {
  [...document.forms].forEach((form) => { form.reset(); });
  window.addEventListener("load", keepFields);
}
history.replaceState({ ...history.state, person }, "");
