// Photos that have not arrived wait, shrunk, in this browser's own database, as long as the words of the draft: whoever
// closes the page in a lift finds them again. What cannot be kept (no database, no room) travels as before.
const TWO_DAYS = 172800000, LARGEST = 3000000, MOST = 24, SHELF = "photos", PATIENCE = 3000;

// Some browsers never answer when they are asked for a database; no form waits for that.
const soon = (work, otherwise) => Promise.race([work, new Promise((done) => setTimeout(() => done(otherwise), PATIENCE))]);

function opened() {
  return new Promise((done) => {
    try {
      const call = indexedDB.open("mq", 1);
      call.onupgradeneeded = () => call.result.createObjectStore(SHELF, { keyPath: "key" });
      call.onsuccess = () => done(call.result);
      call.onerror = call.onblocked = () => done(null);
    } catch {
      done(null); // switched off
    }
  });
}
const shelf = soon(opened(), null);

// What `work` asks of the shelf, answered when it lies safely in the database; null where that failed.
async function asked(work) {
  const base = await shelf;
  return base && new Promise((done) => {
    try {
      const turn = base.transaction(SHELF, "readwrite"), call = work(turn.objectStore(SHELF));
      turn.oncomplete = () => done(call.result);
      turn.onerror = turn.onabort = () => done(null);
    } catch {
      done(null);
    }
  });
}

const taken = (key) => asked((photos) => photos.delete(key));

// Every photo that still waits; what is too old goes.
async function waiting() {
  const all = await asked((photos) => photos.getAll()) || [], fresh = all.filter((one) => Date.now() - one.at < TWO_DAYS);
  await Promise.all(all.filter((one) => !fresh.includes(one)).map((one) => taken(one.key)));
  return fresh;
}

// Bytes, because some browsers lose a Blob that they keep.
async function put(draft, { key, file, small }) {
  if (file.size > LARGEST || (await waiting()).length >= MOST) return;
  const bytes = await file.arrayBuffer();
  await asked((photos) => photos.put({ key, draft, small, bytes, type: file.type, at: Date.now() }));
}

// Whether the shelf was there to be emptied.
async function forgotten(draft, since = Infinity) {
  const mine = (await waiting()).filter((one) => one.draft === draft && one.at <= since);
  await Promise.all(mine.map((one) => taken(one.key)));
  return Boolean(await shelf);
}

// The photos of a draft in the order in which they were chosen, ready to travel; none from before it was over.
async function back(draft, over) {
  await forgotten(draft, over);
  const photos = (await waiting()).filter((one) => one.draft === draft && one.at > over).sort((a, b) => a.at - b.at);
  return photos.map(({ key, small, bytes, type }) => ({ key, small, file: new Blob([bytes], { type }) }));
}

function keep(form) {
  const { draft } = form.dataset;
  const ended = new Set(); // arrived or taken out before it was stored
  let line = Promise.resolve();
  const next = (step) => { line = line.then(step, step); };
  form.addEventListener("mq:shrunk", ({ detail }) => next(() => !ended.has(detail.key) && put(draft, detail)));
  form.addEventListener("mq:ended", ({ detail }) => {
    ended.add(detail);
    next(() => taken(detail));
  });
  form.addEventListener("mq:forget", ({ detail }) => {
    line = line.then(() => forgotten(draft), () => forgotten(draft));
    detail.push(soon(line, false));
  });
  form.dispatchEvent(new CustomEvent("mq:waiting", { detail: soon(back(draft, Number(form.dataset.kept)), []) }));
}

document.querySelectorAll("form[data-kept]").forEach((form) => form.querySelector("[data-photos]") && keep(form));
