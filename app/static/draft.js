// What is typed stays on this phone until it has arrived, two days at most: a call, a dead battery or a dead network loses nothing.
// Photos that arrived are kept by their ids, the others see photos.js; the red button is never kept, for it rings.
const TWO_DAYS = 172800000, PHOTOS_LIVE = 20 * 3600000, TRY_AGAIN = 15000, PATIENCE = 30000;
const NEVER = new Set(["key", "kept", "notice_version", "emergency", "photos"]);
const WAITING = "网络不通，还没有发出。您写的已存在这部手机上，这一页开着，有网就自动再发。";
const store = (() => {
  try {
    localStorage.setItem("mq-try", "1");
    localStorage.removeItem("mq-try");
    return localStorage;
  } catch {
    return null; // switched off: then there is no draft
  }
})();

function read(name) {
  try {
    return JSON.parse(store.getItem(name));
  } catch {
    return null;
  }
}

function put(name, what) {
  try {
    store.setItem(name, JSON.stringify({ at: Date.now(), ...what }));
  } catch {
    // full: the words stay on the page
  }
}

function cleared() {
  for (const name of Object.keys(store)) {
    if (name.startsWith("mq-") && !(Date.now() - read(name)?.at < TWO_DAYS)) store.removeItem(name);
  }
  const sent = document.querySelector("[data-fresh]") && sessionStorage.getItem("mq-sent");
  if (!sent) return;
  store.removeItem(sent);
  sessionStorage.removeItem("mq-sent");
}

// [name, value, the label's words] of everything that is filled in or ticked.
function filled(form) {
  const choices = (one) => one.type === "radio" || one.type === "checkbox";
  return [...form.elements]
    .filter((one) => one.name && !NEVER.has(one.name) && one.type !== "hidden" && (choices(one) ? one.checked : one.value))
    .map((one) => [one.name, one.value, choices(one) ? one.closest("label")?.querySelector("span")?.firstChild.textContent || "" : ""]);
}

function chosen(form, name, value, words) {
  const boxes = [...form.elements].filter((one) => one.name === name);
  const box = boxes.find((one) => one.value === value);
  if (box || boxes[0]?.type !== "radio") return box;
  const label = boxes[0].closest("label").cloneNode(true); // a guess that this page does not offer by itself
  label.querySelector("span").textContent = words;
  boxes[0].closest("label").before(label);
  return Object.assign(label.querySelector("input"), { value });
}

function filledAgain(form, fields) {
  for (const [name, value, words] of fields) {
    const one = form.elements[name] && chosen(form, name, value, words);
    const field = one || [...form.elements].find((it) => it.name === name && it.type !== "radio" && it.type !== "checkbox");
    if (!field) continue;
    if (one && (field.type === "radio" || field.type === "checkbox")) field.checked = true;
    else field.value = value;
    const fold = field.closest("details");
    if (fold) fold.open = true;
  }
}

function notice(form, forget) {
  const line = Object.assign(document.createElement("p"), { className: "notice restored", textContent: "上次没发出的还在这部手机上，可以接着写。" });
  const clear = Object.assign(document.createElement("button"), { type: "button", className: "button button-small", textContent: "清空重写" });
  clear.addEventListener("click", async () => {
    await forget();
    location.reload();
  });
  line.append(clear);
  form.prepend(line);
}

function keep(form) {
  const name = `mq-${form.dataset.draft}`, refused = document.querySelector("#refusal");
  let photos = [...form.querySelectorAll("[name=kept]:enabled")].map((box) => ({ id: box.value, at: Date.now() }));
  let waiting = 0, forgotten = false;
  const forget = () => {
    forgotten = true;
    store.removeItem(name);
    const waits = [];
    form.dispatchEvent(new CustomEvent("mq:forget", { detail: waits }));
    return Promise.all(waits).then((gone) => gone.includes(false) && put(`${name}-over`, {})); // photos that nobody could take out
  };
  const save = () => {
    if (forgotten) return;
    const fields = filled(form);
    if (!fields.length && !photos.length) return store.removeItem(name);
    put(name, { fields, photos, waiting: Boolean(waiting), place: form.dataset.place, key: waiting ? form.elements.key?.value : "" });
  };
  const send = () => {
    clearTimeout(waiting);
    if (!waiting) return;
    if (form.requestSubmit) form.requestSubmit();
    else form.dispatchEvent(new Event("submit", { cancelable: true }));
  };

  const told = () => form.querySelector(".restored") || notice(form, forget);

  form.dataset.kept = read(`${name}-over`)?.at || 0;
  const before = read(name);
  if (before?.fields && !refused) {
    filledAgain(form, before.fields);
    photos = (before.photos || []).filter((one) => Date.now() - one.at < PHOTOS_LIVE);
    form.dispatchEvent(new CustomEvent("mq:photos", { detail: photos }));
    told();
  }
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => event.target.form === form && save());
  form.addEventListener("mq:waiting", (event) => event.detail.then((waiting) => waiting.length && told()));
  form.addEventListener("mq:kept", (event) => {
    photos = event.detail.map((one) => photos.find((old) => old.id === one.id) || { ...one, at: Date.now() });
    save();
  });
  form.addEventListener("mq:send", async (event) => {
    event.preventDefault();
    const answer = event.detail ? null : await fetch(form.action, { method: "POST", body: new FormData(form), signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
    if (answer?.redirected && answer.ok) {
      await forget();
      return location.assign(answer.url);
    }
    if (answer && ![502, 503, 504].includes(answer.status)) {
      sessionStorage.setItem("mq-sent", name);
      return form.submit(); // the page with what has to be changed
    }
    form.dispatchEvent(new CustomEvent("mq:held", { detail: WAITING }));
    waiting = setTimeout(send, TRY_AGAIN);
    save();
  });
  addEventListener("online", send);
  // What was said of one stairwell never leaves from another by itself; what may have arrived goes under its old key.
  if (before?.waiting && before.place === form.dataset.place && !refused) {
    if (before.key) form.elements.key.value = before.key;
    addEventListener("load", () => { waiting = setTimeout(send, 1000); }); // not before the photos are back
    form.dispatchEvent(new CustomEvent("mq:held", { detail: "上次没有发出，正在再发…" }));
  }
}

if (store) {
  cleared();
  document.querySelectorAll("form[data-draft]").forEach(keep);
}
