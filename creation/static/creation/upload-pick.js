/* The chosen or dropped files as a flat list of {file, folder}, including all subfolders. */
const LITTER = /^(?:\.|~\$|thumbs\.db$|desktop\.ini$)/i; // files that systems and Office create in folders

function folderOf(path) { return path.split("/").slice(0, -1).join("/"); }

function kept(found) {
  return found.filter((each) => !each.folder || !LITTER.test(each.file.name));
}

export function chosen(files) {
  return kept(Array.prototype.map.call(files, (file) => ({ file, folder: folderOf(file.webkitRelativePath || "") })));
}

/* done(list, unread): `unread` counts entries that the browser could not read. */
export function dropped(transfer, done) {
  const entries = Array.prototype.map.call(transfer.items || [], (item) => item.webkitGetAsEntry ? item.webkitGetAsEntry() : null).filter(Boolean);
  if (!entries.length) { done(chosen(transfer.files), 0); return; }
  walk(entries, done);
}

function walk(entries, done) {
  const found = [];
  let open = 0;
  let unread = 0;
  function closed() { open -= 1; if (!open) done(kept(found), unread); }
  function failed() { unread += 1; closed(); }
  function enter(entry) {
    open += 1;
    if (entry.isFile) entry.file((file) => { found.push({ file, folder: folderOf(entry.fullPath.slice(1)) }); closed(); }, failed);
    else more(entry.createReader());
  }
  /* A reader returns a hundred entries at a time, and none at the end. */
  function more(reader) {
    reader.readEntries((some) => {
      if (!some.length) { closed(); return; }
      some.forEach(enter);
      more(reader);
    }, failed);
  }
  open = 1;
  entries.forEach(enter);
  closed();
}
