// "Leave": covers the page at once, ends the session on the server, and puts a neutral site in this page's place.
// Escape, three times within a second and a half, does the same. Without JavaScript the button is a plain form.
(() => {
  const form = document.querySelector("form[data-leave]");
  if (!form) return;
  const patience = 1500; // milliseconds: for three presses, and for the server's answer
  const presses = [];
  let leaving = false;

  const cover = () => {
    document.documentElement.classList.add("gone");
    document.title = "";
  };

  const leave = async () => {
    if (leaving) return;
    leaving = true;
    document.dispatchEvent(new Event("portal:leave"));
    cover();
    const request = fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      credentials: "same-origin",
      redirect: "manual",
      keepalive: true,
    });
    const late = new Promise((resolve) => setTimeout(resolve, patience));
    await Promise.race([request, late]).catch(() => undefined);
    location.replace(form.dataset.exitUrl || form.action);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    const now = event.timeStamp;
    presses.push(now);
    while (now - presses[0] > patience) presses.shift();
    if (presses.length >= 3) leave();
  });

  // A copy of this page that the browser keeps is covered as it is put away, and asked for anew when it is taken out.
  window.addEventListener("pagehide", (event) => {
    if (event.persisted) cover();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    cover();
    location.replace(location.href.split("#")[0]); // and not reload(), which would send a form once more
  });
})();
