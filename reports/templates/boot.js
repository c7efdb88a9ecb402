// Draws the charts, and keeps charts, tables and shortlist to what is chosen.
const choices = ["platform", "niche", "tier"].map((name) => document.getElementById("choose-" + name));
const chosen = () => Object.fromEntries(choices.map((each) => [each.name, each.value]));
const views = [];
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
const config = dark
  ? { background: "transparent", axis: { labelColor: "#ddd", titleColor: "#ddd", domainColor: "#888", gridColor: "#444" },
      legend: { labelColor: "#ddd", titleColor: "#ddd" }, style: { "guide-label": { fill: "#ddd" }, "guide-title": { fill: "#ddd" } } }
  : { background: "transparent" };

// The rows a chart is made of: named at its top, or in its first layer.
const rowsOf = (spec) => spec.datasets[(spec.data ?? spec.layer[0].data).name];

async function draw() {
  for (const block of document.querySelectorAll("script[data-chart]")) {
    const place = document.getElementById("chart-" + block.dataset.chart);
    const spec = JSON.parse(block.textContent);
    const names = spec.params.map((each) => each.name);
    const result = await window.__embed(place, JSON.parse(block.textContent), { ast: true, actions: false, renderer: "svg", config });
    views.push({ view: result.view, names, rows: rowsOf(spec), nothing: document.getElementById("nothing-" + block.dataset.chart) });
  }
}

const fits = (row, names, now) => names.every((name) => now[name] === undefined || !row[name] || now[name] === "(all)" || row[name] === now[name]);

function choose() {
  const now = chosen();
  showPlan(now.platform);
  const all = { ...planChosen(), ...now };
  for (const { view, names, rows, nothing } of views) {
    for (const name of names) view.signal(name, all[name]);
    view.runAsync();
    nothing.hidden = rows.some((row) => names.every((name) => !(name in row) || all[name] === "(all)" || row[name] === all[name]));
  }
  for (const row of document.querySelectorAll("tr[data-platform]")) {
    row.hidden = !fits(row.dataset, ["platform", "niche", "tier"], now);
  }
  shown = list.rows.filter((row) => fits(Object.fromEntries(["platform", "niche", "tier"].map((name) => [name, row[at[name]]])), ["platform", "niche", "tier"], now));
  fill();
}

const list = read("shortlist-data");
const at = Object.fromEntries(list.columns.map((name, place) => [name, place]));
let shown = list.rows;
let sorted = { name: "rate_low", down: true };
const body = document.querySelector("#shortlist tbody");

const written = {
  followers: count, rate: percent, rate_low: percent, rate_high: percent, posts: count,
  peer_percentile: (value) => (value === null ? "" : Math.round(100 * value) + ""),
  lift: (value) => (value === null ? "" : value.toFixed(2)),
  price: count, cost_per_engagement: (value) => (value === null ? "" : value.toFixed(2)),
};

function compare(left, right) {
  if (left === null || right === null) return (left === null) - (right === null);
  const order = typeof left === "string" ? left.localeCompare(right) : left - right;
  return sorted.down ? -order : order;
}

function numbers(row) {
  const line = document.createElement("tr");
  for (const name of list.shown) {
    const cell = document.createElement("td");
    const value = row[at[name]];
    cell.textContent = name in written ? written[name](value) : value ?? "";
    cell.className = name in written ? "number" : "";
    line.append(cell);
  }
  return line;
}

function reasons(row) {
  const against = row[at.against];
  return explained(list.shown.length, [row[at.why], ...(against ? ["Against: " + against] : [])]);
}

function fill() {
  const place = at[sorted.name];
  const rows = [...shown].sort((left, right) => compare(left[place], right[place])).slice(0, 200);
  body.replaceChildren(...rows.flatMap((row) => [numbers(row), reasons(row)]));
  document.getElementById("shortlist-count").textContent = rows.length < shown.length
    ? `${rows.length} of ${shown.length} shown` : `${shown.length} shown`;
  for (const button of document.querySelectorAll("#shortlist th button")) {
    const mine = button.dataset.sort === sorted.name;
    button.parentElement.setAttribute("aria-sort", mine ? (sorted.down ? "descending" : "ascending") : "none");
  }
}

for (const button of document.querySelectorAll("#shortlist th button")) {
  button.addEventListener("click", () => {
    const name = button.dataset.sort;
    sorted = { name, down: sorted.name === name ? !sorted.down : name in written };
    fill();
  });
}
for (const each of [...choices, ...planChoices]) each.addEventListener("change", choose);
document.getElementById("choices").hidden = false;
draw().then(choose).then(() => document.body.setAttribute("data-drawn", "yes"));
