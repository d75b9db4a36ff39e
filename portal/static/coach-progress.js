// What is made in the background moves its bar while the page is looked at; once it is over, the page is asked for anew. Without this, a button does.
(() => {
  const EVERY = 2000; // milliseconds
  const bar = document.querySelector("progress[data-progress]");
  const said = document.querySelector("[data-said]");
  if (!bar) return;

  const show = ({ past, all, is_over }) => {
    if (is_over) {
      location.replace(location.href.split("#")[0]);
      return;
    }
    if (bar.value !== past) said.textContent = said.dataset.many.replace("{past}", past).replace("{all}", all);
    bar.value = past;
    setTimeout(look, EVERY);
  };

  const look = async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", look, { once: true });
      return;
    }
    try {
      const reply = await fetch(bar.dataset.progress, { redirect: "error" });
      if (reply.ok) show(await reply.json());
    } catch {
      setTimeout(look, EVERY * 5); // no connection for the moment
    }
  };

  setTimeout(look, EVERY);
})();
