// A page of the desk does not come back by Back once the screen is turned round: a copy that the browser keeps is covered as it is put away,
// and asked for anew when it is taken out. Pages in other windows are asked for anew as soon as the screen is turned in one of them.
(() => {
  const cover = () => document.documentElement.classList.add("gone");

  const anew = () => {
    cover();
    location.replace(location.href.split("#")[0]); // and not reload(), which would send a form once more
  };

  window.addEventListener("pagehide", (event) => {
    if (event.persisted) cover();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) anew();
  });

  const channel = new BroadcastChannel("turned");
  if (document.body.classList.contains("together")) channel.postMessage("round");
  else channel.onmessage = anew;
})();
