// The trends page: each week of a chart can be pointed at, or reached with Tab and the arrow keys, and says what its row in the table says.
// A chart stands in .drawn within [data-weeks], whose value names the row of weeks; what a week says is the title of its field in the drawing.
// All weeks together are one target, however narrow each of them is.
(() => {
  const set = (drawn, label) => {
    const svg = drawn.querySelector("svg");
    const view = svg.viewBox.baseVal;
    const weeks = [...svg.querySelectorAll(".c-hints rect")].map((field) => ({
      says: field.querySelector("title").textContent,
      left: Number(field.getAttribute("x")) / view.width,
      width: Number(field.getAttribute("width")) / view.width,
      foot: (Number(field.getAttribute("y")) + Number(field.getAttribute("height"))) / view.height,
    }));
    if (!weeks.length) return;
    const first = weeks[0];
    const last = weeks.at(-1);
    const bar = document.createElement("div");
    bar.className = "weeks-bar";
    bar.tabIndex = 0;
    const named = { role: "slider", "aria-label": label, "aria-valuemin": 1, "aria-valuemax": weeks.length };
    for (const [name, value] of Object.entries(named)) bar.setAttribute(name, value);
    bar.style.left = `${100 * first.left}%`;
    bar.style.width = `${100 * (last.left + last.width - first.left)}%`;
    bar.style.height = `${100 * first.foot}%`;
    const mark = document.createElement("span");
    mark.className = "week-mark";
    mark.style.width = `${100 / weeks.length}%`;
    mark.hidden = true;
    bar.append(mark);
    const hint = document.createElement("p");
    hint.className = "hint-week";
    hint.setAttribute("aria-hidden", "true"); // the bar says the same
    hint.hidden = true;
    drawn.append(bar, hint);
    let now = weeks.length - 1;

    const choose = (place) => {
      now = Math.max(0, Math.min(weeks.length - 1, place));
      bar.setAttribute("aria-valuenow", now + 1);
      bar.setAttribute("aria-valuetext", weeks[now].says);
    };
    const say = (place) => {
      choose(place);
      hint.textContent = weeks[now].says;
      hint.hidden = mark.hidden = false;
      mark.style.left = `${(100 * now) / weeks.length}%`;
      const middle = (weeks[now].left + weeks[now].width / 2) * drawn.clientWidth;
      hint.style.left = `${Math.max(0, Math.min(drawn.clientWidth - hint.offsetWidth, middle - hint.offsetWidth / 2))}px`;
    };
    const still = () => {
      hint.hidden = mark.hidden = true;
    };
    const pointed = (event) => {
      const room = bar.getBoundingClientRect();
      say(Math.floor(((event.clientX - room.left) / room.width) * weeks.length));
    };

    choose(now);
    bar.addEventListener("pointerdown", pointed);
    bar.addEventListener("pointermove", pointed);
    bar.addEventListener("focus", () => say(now));
    bar.addEventListener("blur", still);
    // it stays while the pointer is on the chart or on the hint itself, and while the bar has the focus
    drawn.addEventListener("pointerleave", () => {
      if (document.activeElement !== bar) still();
    });
    bar.addEventListener("keydown", (event) => {
      const places = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: weeks.length - 1 };
      if (!(event.key in places)) return;
      event.preventDefault();
      say(places[event.key]);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") still();
    });
  };

  for (const figure of document.querySelectorAll("[data-weeks]")) {
    for (const drawn of figure.querySelectorAll(".drawn")) set(drawn, figure.dataset.weeks);
  }
})();
