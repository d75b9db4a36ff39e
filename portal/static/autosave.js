// Saves the draft of a form while it is written. The form carries data-draft-url and a hidden `version`; the line [data-draft-status] carries
// the words (data-saved with {time}, data-failed, data-changed). The server answers {version, saved_at}, or 409 with {message}: then what was
// saved meanwhile is taken over where nothing was typed here, and nothing more is sent where the same field was changed on both sides.
// What people write is kept in no storage of the browser.
(() => {
  const form = document.querySelector("form[data-draft-url]");
  const line = document.querySelector("[data-draft-status]");
  if (!form || !line) return;
  const pause = 1000; // milliseconds after the last input
  const looks = [300, 1500, 5000]; // milliseconds after a reload: a save of the page before may still be on its way
  const most = 60_000; // bytes; a browser lets 64 kB outlive their page
  const words = line.querySelector("[data-words]") || line;
  const page = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let timer = 0;
  let dirty = false;
  let saving = null; // the save on its way
  let turn = 0;
  let outliving = 0; // bytes on their way that may outlive the page
  let stopped = false;

  const say = (state, text) => {
    line.hidden = false;
    line.dataset.state = state;
    if (words.textContent !== text) words.textContent = text;
  };

  // --- Fields: what stands in them now, and what the server had when they were last in step (their default) ---

  const controls = (root) => [...root.querySelectorAll("input:not([type=hidden]), textarea")];
  const isTicked = (control) => control.type === "radio" || control.type === "checkbox";
  const keyOf = (control) => (control.type === "checkbox" ? `${control.name}=${control.value}` : control.name);

  const values = (root, isDefault) => {
    const found = new Map();
    for (const control of controls(root)) {
      const key = keyOf(control);
      if (!found.has(key)) found.set(key, "");
      if (control.disabled && !isDefault) continue; // not sent
      if (!isTicked(control)) found.set(key, isDefault ? control.defaultValue : control.value);
      else if (isDefault ? control.defaultChecked : control.checked) found.set(key, control.value);
    }
    return found;
  };

  const put = (control, value, isDefault) => {
    if (isTicked(control)) control[isDefault ? "defaultChecked" : "checked"] = value !== "" && control.value === value;
    else control[isDefault ? "defaultValue" : "value"] = value;
  };

  const keepInStep = (given) => {
    for (const control of controls(form)) if (given.has(keyOf(control))) put(control, given.get(keyOf(control)), true);
  };

  // --- A newer draft: taken over where nothing was typed here ---

  const sectionOf = (root, control) => {
    const heading = control.closest("section")?.querySelector("h2[id]");
    return heading && root.querySelector(`#${CSS.escape(heading.id)}`)?.closest("section");
  };

  const merged = (newer) => {
    const mine = values(form, false);
    const base = values(form, true);
    const theirs = values(newer, true);
    const typed = new Set([...mine.keys()].filter((key) => mine.get(key) !== base.get(key)));
    for (const key of typed) {
      if (!theirs.has(key)) return false; // a private question: what the draft holds of it is not shown
      if (theirs.get(key) !== base.get(key) && theirs.get(key) !== mine.get(key)) return false;
    }
    for (const control of controls(form)) {
      const key = keyOf(control);
      if (theirs.has(key)) {
        if (!typed.has(key)) put(control, theirs.get(key), false);
        put(control, theirs.get(key), true);
      } else if (control.isConnected) {
        const kept = sectionOf(newer, control);
        if (kept) control.closest("section").replaceWith(document.importNode(kept, true));
      }
    }
    form.elements.namedItem("version").value = newer.elements.namedItem("version").value;
    document.dispatchEvent(new Event("change")); // questions that hang on others
    if (typed.size) dirty = true;
    return true;
  };

  const versionOf = (draft) => Number(draft.elements.namedItem("version").value);

  const catchUp = async () => {
    if (document.getElementById("elsewhere")) return false; // both texts stand on this page already
    const response = await fetch(location.href, { credentials: "same-origin", redirect: "error", cache: "no-store" });
    const html = new DOMParser().parseFromString(await response.text(), "text/html");
    const newer = html.querySelector("form[data-draft-url]");
    if (!response.ok || !newer || stopped) return false;
    if (versionOf(newer) <= versionOf(form)) return true;
    const done = merged(newer);
    if (done) say("saved", html.querySelector("[data-draft-status] [data-words]").textContent);
    return done;
  };

  // --- Saving ---

  const conflict = async (response) => {
    const answer = await response.json().catch(() => ({}));
    if (await catchUp()) {
      dirty = true;
      return;
    }
    stopped = true;
    say("changed", answer.message || line.dataset.changed || line.dataset.failed);
  };

  const saved = async (response, sent) => {
    const answer = await response.json();
    const version = form.elements.namedItem("version");
    version.value = Math.max(Number(version.value), answer.version);
    keepInStep(sent);
    if (!dirty) say("saved", line.dataset.saved.replace("{time}", answer.saved_at));
  };

  const sizeOf = (body) => [...body].reduce((sum, [name, value]) => sum + 160 + name.length + new TextEncoder().encode(value).length, 0);

  const send = async () => {
    const body = new FormData(form);
    turn += 1;
    body.set("page", page);
    body.set("turn", turn);
    const size = sizeOf(body);
    const keepalive = outliving + size < most;
    if (keepalive) outliving += size;
    try {
      return await fetch(form.dataset.draftUrl, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": form.elements.namedItem("csrf_token").value, Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error", // signed out meanwhile
        keepalive,
      });
    } finally {
      if (keepalive) outliving -= size;
    }
  };

  const attempt = async () => {
    dirty = false;
    clearTimeout(timer);
    const sent = values(form, false);
    let again = pause;
    try {
      const response = await send();
      if (response.status === 409) await conflict(response);
      else if (response.ok) await saved(response, sent);
      else throw new Error(String(response.status));
    } catch {
      dirty = true;
      again = 10 * pause;
      say("failed", line.dataset.failed);
    }
    saving = null;
    if (dirty && !stopped) timer = setTimeout(save, again);
  };

  const save = () => {
    if (dirty && !saving && !stopped) saving = attempt();
  };

  // The page may go: the newest state is sent even while an older one is on its way. The server knows the two apart by their turn.
  const saveAtOnce = () => {
    if (dirty && !stopped) saving = attempt();
  };

  const changed = () => {
    if (stopped) return;
    dirty = true;
    line.dataset.state = "typed"; // until it is saved
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("focusout", () => setTimeout(save, 0));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveAtOnce());
  window.addEventListener("pagehide", saveAtOnce);
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  // A save on its way would make the page that is sent look like an old one: wait for it.
  form.addEventListener("submit", (event) => {
    stop();
    if (!saving) return;
    event.preventDefault();
    saving.then(() => form.requestSubmit(event.submitter));
  });
  document.addEventListener("portal:leave", stop);
  window.addEventListener("online", save);

  const arrival = performance.getEntriesByType("navigation")[0]?.type;
  if (arrival === "reload" || arrival === "back_forward") {
    for (const wait of looks) setTimeout(() => saving || stopped || catchUp().catch(() => {}), wait);
  }
})();
