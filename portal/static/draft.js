// What stands in the fields of a draft, and what the server had of them when they were last in step (their default). Used by autosave.js:
// values(form, isDefault), keepInStep(form, given), versionOf(form), and merged(form, newer), which takes over what was saved meanwhile
// wherever nothing was typed here; gives null where a field was changed on both sides, else how many fields were typed in.
// send(form) sends it, with the page's own word and the number of this save: the later of two counts, whichever arrives first. renew() takes
// the form's token anew, where somebody has signed in again meanwhile.
window.portalDraft = (() => {
  const most = 60_000; // bytes; a browser lets 64 kB outlive their page
  const page = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let turn = 0;
  let outliving = 0; // bytes on their way that may outlive the page

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

  const keepInStep = (form, given) => {
    for (const control of controls(form)) if (given.has(keyOf(control))) put(control, given.get(keyOf(control)), true);
  };

  const sectionOf = (root, control) => {
    const heading = control.closest("section")?.querySelector("h2[id]");
    return heading && root.querySelector(`#${CSS.escape(heading.id)}`)?.closest("section");
  };

  const merged = (form, newer) => {
    const mine = values(form, false);
    const base = values(form, true);
    const theirs = values(newer, true);
    const typed = new Set([...mine.keys()].filter((key) => mine.get(key) !== base.get(key)));
    for (const key of typed) {
      if (!theirs.has(key)) return null; // a private question: what the draft holds of it is not shown
      if (theirs.get(key) !== base.get(key) && theirs.get(key) !== mine.get(key)) return null;
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
    return typed.size;
  };

  const versionOf = (draft) => Number(draft.elements.namedItem("version").value);

  const sizeOf = (body) => [...body].reduce((sum, [name, value]) => sum + 160 + name.length + new TextEncoder().encode(value).length, 0);

  const send = async (form) => {
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
        redirect: "manual", // signed out meanwhile
        keepalive,
      });
    } finally {
      if (keepalive) outliving -= size;
    }
  };

  // Signed in again in another tab: this page's token is of the session before, so take one of the new session.
  const renew = async () => {
    const response = await fetch(location.pathname, { credentials: "same-origin", redirect: "error", cache: "no-store" });
    const html = new DOMParser().parseFromString(response.ok ? await response.text() : "", "text/html");
    const fresh = html.querySelector("input[name=csrf_token]");
    if (!fresh) throw new Error(String(response.status));
    for (const token of document.querySelectorAll("input[name=csrf_token]")) token.value = fresh.value;
  };

  return { send, renew, values, keepInStep, versionOf, merged };
})();
