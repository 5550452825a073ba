/* Photos that have not arrived yet, in the browser's database, so that a closed tab or a switched-off phone loses none. */

const STORE = "photos";
const held = new Map(); // without a database: for as long as the page is open
let opened = null;

function open() {
  if (!opened) opened = new Promise((found) => {
    let asked;
    try { asked = indexedDB.open("visit-photos", 1); } catch { found(null); return; }
    asked.onupgradeneeded = () => { asked.result.createObjectStore(STORE, { keyPath: "key" }); };
    asked.onsuccess = () => { found(asked.result); };
    asked.onerror = asked.onblocked = () => { found(null); };
  });
  return opened;
}

async function run(mode, act, without) {
  const database = await open();
  if (!database) return without();
  return new Promise((found, failed) => {
    const transaction = database.transaction(STORE, mode);
    const asked = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => { found(asked.result); };
    transaction.onerror = transaction.onabort = () => { failed(transaction.error); };
  });
}

/* Keep a photo: {key, slot, line, name, file}. Resolves to whether it would survive the page. */
export async function keepPhoto(photo) {
  held.set(photo.key, photo);
  try {
    await run("readwrite", (store) => store.put(photo), () => null);
    return Boolean(await open());
  } catch { return false; }
}

export async function dropPhoto(key) {
  held.delete(key);
  try { await run("readwrite", (store) => store.delete(key), () => null); } catch { /* sent once more; the server keeps one */ }
}

/* The photos of one visit that have not arrived. */
export async function keptPhotos(slot) {
  let rows = [];
  try { rows = await run("readonly", (store) => store.getAll(), () => []); } catch { /* those of this page are known */ }
  const all = new Map([...rows, ...held.values()].map((photo) => [photo.key, photo]));
  return [...all.values()].filter((photo) => photo.slot === slot);
}
