// Makes the pages kinder where scripts run; without it every form works the same.
const DAY = 86400000, SIDE = 1600, SMALL_ENOUGH = 400000;
const pending = new WeakMap();

// Phone photos are several megabytes; about 1600 pixels show a broken lamp just as well.
async function shrunk(file) {
  if (file.size < SMALL_ENOUGH || !window.createImageBitmap) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
  return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
}

async function shrinkAll(input) {
  const files = await Promise.all(Array.from(input.files, (file) => shrunk(file).catch(() => file)));
  const carrier = new DataTransfer();
  files.forEach((file) => carrier.items.add(file));
  input.files = carrier.files;
}

for (const input of document.querySelectorAll("[data-photos]")) {
  input.addEventListener("change", () => {
    const note = input.parentElement.querySelector("[data-photo-note]");
    const count = input.files.length;
    if (count) note.textContent = "正在处理照片…";
    const ready = shrinkAll(input).catch(() => {}).then(() => {
      note.textContent = count > 6 ? `选了 ${count} 张，最多 6 张，请重新选。` : count ? `选好了 ${count} 张。` : "最多 6 张。";
    });
    pending.set(input.form, ready);
  });
}

// A second tap waits for the first; photos that are still shrinking are waited for.
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const button = form.querySelector("button:not([type=button])");
    button.dataset.words = button.textContent;
    button.textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
    if (form.dataset.draft) sessionStorage.setItem("mq-sent", form.dataset.draft);
    if (!pending.has(form)) return;
    event.preventDefault();
    await pending.get(form);
    form.submit();
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("button[aria-disabled]");
    button.textContent = button.dataset.words;
    button.removeAttribute("aria-disabled");
  }
});

// The words stay on this phone until they are sent, a day at most: a call or a dead battery loses nothing.
try {
  const sent = document.querySelector("[data-fresh]") && sessionStorage.getItem("mq-sent");
  if (sent) {
    localStorage.removeItem(`mq-${sent}`);
    sessionStorage.removeItem("mq-sent");
  }
  const form = document.querySelector("form[data-draft]");
  if (form) {
    const name = `mq-${form.dataset.draft}`;
    const kept = JSON.parse(localStorage.getItem(name) || "null");
    if (kept && Date.now() - kept.at < DAY && !form.text.value) form.text.value = kept.text;
    form.text.addEventListener("input", () => localStorage.setItem(name, JSON.stringify({ at: Date.now(), text: form.text.value })));
  }
} catch {
  // Storage may be switched off; then there is no draft.
}

// Says how much room is left once it becomes little.
for (const box of document.querySelectorAll("textarea[maxlength]")) {
  const left = document.createElement("p");
  left.className = "hint";
  left.setAttribute("aria-live", "polite");
  left.hidden = true;
  box.after(left);
  const count = () => {
    const room = box.maxLength - box.value.length;
    left.hidden = room > box.maxLength / 5;
    left.textContent = `还能写 ${room} 个字`;
  };
  box.addEventListener("input", count);
  count();
}

// After a refusal the eye goes to what has to be changed.
document.querySelector("#refusal, [aria-invalid=true]")?.scrollIntoView({ block: "center" });
