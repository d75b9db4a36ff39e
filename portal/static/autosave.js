// Saves the draft of a form while it is written. The form carries data-draft-url and a hidden `version`; the line [data-draft-status] carries
// the words (data-saved with {time}, data-failed, data-signed-out, data-changed). The server answers {version, saved_at}, or 409 with {message}: then nothing more is sent.
(() => {
  const form = document.querySelector("form[data-draft-url]");
  const line = document.querySelector("[data-draft-status]");
  if (!form || !line) return;
  const pause = 1000; // milliseconds after the last input
  const words = line.querySelector("[data-words]") || line;
  let timer = 0;
  let dirty = false;
  let saving = null; // the save on its way
  let stopped = false;

  const say = (state, text) => {
    line.hidden = false;
    line.dataset.state = state;
    if (words.textContent !== text) words.textContent = text;
  };

  const conflict = async (response) => {
    stopped = true;
    const answer = await response.json().catch(() => ({}));
    say("changed", answer.message || line.dataset.changed || line.dataset.failed);
  };

  const saved = async (response) => {
    const answer = await response.json();
    form.elements.namedItem("version").value = answer.version;
    if (!dirty) say("saved", line.dataset.saved.replace("{time}", answer.saved_at));
  };

  const send = () => fetch(form.dataset.draftUrl, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-CSRFToken": form.elements.namedItem("csrf_token").value, Accept: "application/json" },
    credentials: "same-origin",
    redirect: "manual", // signed out meanwhile
    keepalive: document.visibilityState === "hidden",
  });

  // Signed in again in another tab: this page's token is of the session before, so take one of the new session.
  const renew = async () => {
    const page = await fetch(location.pathname, { credentials: "same-origin", redirect: "error" });
    const found = /name="csrf_token" value="([^"]+)"/.exec(page.ok ? await page.text() : "");
    if (!found) throw new Error(String(page.status));
    for (const token of document.querySelectorAll("input[name=csrf_token]")) token.value = found[1];
  };

  const attempt = async () => {
    dirty = false;
    let again = pause;
    let trouble = line.dataset.failed;
    try {
      let response = await send();
      if (response.type === "opaqueredirect") trouble = line.dataset.signedOut;
      if (response.status === 400) {
        await renew();
        response = await send();
      }
      if (response.status === 409) await conflict(response);
      else if (response.ok) await saved(response);
      else throw new Error(String(response.status));
    } catch {
      dirty = true;
      again = 10 * pause;
      say("failed", trouble);
    }
    saving = null;
    if (dirty && !stopped) timer = setTimeout(save, again);
  };

  const save = () => {
    clearTimeout(timer);
    if (dirty && !saving && !stopped) saving = attempt();
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
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
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
})();
