// The trends page: each week of a chart can be pointed at, or reached with Tab and the arrow keys, and says what its row in the table says.
// A chart stands in .drawn within [data-weeks], whose value names the row of weeks; what a week says is the title of its field in the drawing.
(() => {
  const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

  const button = (field, view) => {
    const made = document.createElement("button");
    made.type = "button";
    made.tabIndex = -1;
    made.setAttribute("aria-label", field.querySelector("title").textContent);
    const [x, width, y, height] = ["x", "width", "y", "height"].map((name) => Number(field.getAttribute(name)));
    made.style.left = `${(100 * x) / view.width}%`;
    made.style.width = `${(100 * width) / view.width}%`;
    made.style.height = `${(100 * (y + height)) / view.height}%`;
    return made;
  };

  const set = (drawn, label) => {
    const svg = drawn.querySelector("svg");
    const weeks = [...svg.querySelectorAll(".c-hints rect")].map((field) => button(field, svg.viewBox.baseVal));
    if (!weeks.length) return;
    const bar = document.createElement("div");
    bar.className = "weeks-bar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", label);
    const hint = document.createElement("p");
    hint.className = "hint-week";
    hint.setAttribute("aria-hidden", "true"); // a week's name says the same
    hint.hidden = true;
    bar.append(...weeks);
    drawn.append(bar, hint);
    weeks.at(-1).tabIndex = 0;

    const say = (week) => {
      hint.textContent = week.getAttribute("aria-label");
      hint.hidden = false;
      const room = drawn.clientWidth - hint.offsetWidth;
      hint.style.left = `${Math.max(0, Math.min(room, week.offsetLeft + (week.offsetWidth - hint.offsetWidth) / 2))}px`;
    };
    const still = () => {
      hint.hidden = true;
    };

    for (const week of weeks) {
      week.addEventListener("pointerenter", () => say(week));
      week.addEventListener("click", () => say(week));
      week.addEventListener("focus", () => {
        for (const other of weeks) other.tabIndex = other === week ? 0 : -1;
        say(week);
      });
      week.addEventListener("blur", still);
    }
    // it stays while the pointer is on the chart or on the hint itself, and while a week has the focus
    drawn.addEventListener("pointerleave", () => {
      if (bar.contains(document.activeElement)) say(document.activeElement);
      else still();
    });
    bar.addEventListener("keydown", (event) => {
      const place = weeks.indexOf(document.activeElement);
      const wanted = { Home: 0, End: weeks.length - 1 }[event.key] ?? place + (STEPS[event.key] ?? NaN);
      if (!weeks[wanted]) return;
      event.preventDefault();
      weeks[wanted].focus();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") still();
    });
  };

  for (const figure of document.querySelectorAll("[data-weeks]")) {
    for (const drawn of figure.querySelectorAll(".drawn")) set(drawn, figure.dataset.weeks);
  }
})();
