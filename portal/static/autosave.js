// Saves the draft of a form while it is written. The form carries data-draft-url and a hidden `version`; the line [data-draft-status] carries
// the words (data-saved with {time}, data-failed, data-signed-out, data-changed). The server answers {version, saved_at}, or 409 with {message}:
// then what was saved meanwhile is taken over where nothing was typed here, and nothing more is sent where the same field was changed on both
// sides. What people write is kept in no storage of the browser.
(() => {
  const form = document.querySelector("form[data-draft-url]");
  const line = document.querySelector("[data-draft-status]");
  if (!form || !line) return;
  const pause = 1000; // milliseconds after the last input
  const looks = [300, 1500, 5000]; // milliseconds after a reload: a save of the page before may still be on its way
  const words = line.querySelector("[data-words]") || line;
  const draft = window.portalDraft;
  let timer = 0;
  let dirty = false;
  let saving = null; // the save on its way
  let stopped = false;

  const say = (state, text) => {
    line.hidden = false;
    line.dataset.state = state;
    if (words.textContent !== text) words.textContent = text;
  };

  const catchUp = async () => {
    if (document.getElementById("elsewhere")) return false; // both texts stand on this page already
    if (form.elements.namedItem("parked")) return false; // not kept in the draft yet: both texts stand on the page that checks it
    const response = await fetch(location.href, { credentials: "same-origin", redirect: "error", cache: "no-store" });
    const html = new DOMParser().parseFromString(await response.text(), "text/html");
    const newer = html.querySelector("form[data-draft-url]");
    if (!response.ok || !newer || stopped) return false;
    if (draft.versionOf(newer) <= draft.versionOf(form)) return true;
    const typed = draft.merged(form, newer);
    if (typed === null) return false;
    dirty = dirty || typed > 0;
    say("saved", html.querySelector("[data-draft-status] [data-words]").textContent);
    return true;
  };

  // --- Saving ---

  const conflict = async (response) => {
    const answer = await response.json().catch(() => ({}));
    dirty = true; // to be sent again
    if (await catchUp()) return;
    stopped = true;
    say("changed", answer.message || line.dataset.changed || line.dataset.failed);
  };

  const saved = async (response, sent) => {
    const answer = await response.json();
    const version = form.elements.namedItem("version");
    version.value = Math.max(Number(version.value), answer.version);
    draft.keepInStep(form, sent);
    for (const said of document.querySelectorAll("[data-parked]")) said.remove(); // it is in the draft now
    if (!dirty) say("saved", line.dataset.saved.replace("{time}", answer.saved_at));
  };

  const attempt = async () => {
    dirty = false;
    clearTimeout(timer);
    const sent = draft.values(form, false);
    let again = pause;
    let trouble = line.dataset.failed;
    try {
      let response = await draft.send(form);
      if (response.type === "opaqueredirect") trouble = line.dataset.signedOut;
      if (response.status === 400) {
        await draft.renew();
        response = await draft.send(form);
      }
      if (response.status === 409) await conflict(response);
      else if (response.ok) await saved(response, sent);
      else throw new Error(String(response.status));
    } catch {
      dirty = true;
      again = 10 * pause;
      say("failed", trouble);
    }
    saving = null;
    if (dirty && !stopped) timer = setTimeout(save, again);
  };

  // The page may go: the newest state is sent even while an older one is on its way. The server knows the two apart by their turn.
  const saveAtOnce = () => dirty && !stopped && (saving = attempt());
  const save = () => saving || saveAtOnce();

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
