// Makes a passkey, or uses one: the form [data-passkey] names where the challenge comes from; what the key answers goes into its hidden
// `credential`, and the form is sent as any other. Without passkeys in the browser the form stays hidden.
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const line = form.querySelector("[data-passkey-line]");
  let busy = false;
  form.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const options = async () => {
    const response = await fetch(form.dataset.passkey, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.namedItem("csrf_token").value, Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") location.reload(); // the five minutes are over: the page asks for the pass phrase
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };

  const make = (wanted) => navigator.credentials.create({
    publicKey: {
      ...wanted,
      challenge: bytes(wanted.challenge),
      user: { ...wanted.user, id: bytes(wanted.user.id) },
      excludeCredentials: known(wanted.excludeCredentials),
    },
  });

  const use = (wanted) => navigator.credentials.get({
    publicKey: { ...wanted, challenge: bytes(wanted.challenge), allowCredentials: known(wanted.allowCredentials) },
  });

  const written = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    line.textContent = "";
    try {
      const wanted = await options();
      const credential = await (wanted.user ? make(wanted) : use(wanted));
      form.elements.namedItem("credential").value = written(credential);
      form.submit();
    } catch {
      line.textContent = form.dataset.failed;
    }
    busy = false;
  });
})();
