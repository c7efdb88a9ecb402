// The plan for what is chosen: its set, what it brings, and who is not in it.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const percent = (value) => (value === null ? "" : (100 * value).toFixed(2) + " %");
const count = (value) => (value === null ? "" : Math.round(value).toLocaleString("en"));
const money = (value) => value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const plans = read("plan-data");
const planChoices = plans.choices.map((choice) => document.getElementById("plan-" + choice.name)).filter((each) => each);
for (const each of planChoices) each.value = ""; // the first that there is of the platform is chosen
const planChosen = () => Object.fromEntries(planChoices.map((each) => [each.name, each.value]));
const planForms = {
  followers: count, price: money, rate: percent, expected: count, expected_low: count, expected_high: count, added: count, added_high: count,
};

// Offer what there is for the choices before, and keep what was chosen if it is among it. The plan of all of them.
function planOf(platform) {
  let fitting = plans.plans.filter((plan) => plan.platform === platform);
  for (const select of planChoices) {
    const there = new Set(fitting.map((plan) => plan[select.name]));
    for (const option of select.options) option.hidden = option.disabled = !there.has(option.value);
    const open = [...select.options].filter((option) => !option.disabled).map((option) => option.value);
    if (!there.has(select.value)) select.value = open[select.name === "budget" ? open.length >> 1 : 0] ?? "";
    fitting = fitting.filter((plan) => plan[select.name] === select.value);
  }
  return fitting[0];
}

function listed(texts) {
  return texts.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
}

// Of what adds up the most that is added is what is expected.
const planColumns = (plan) => [...plans.accountColumns, "added", ...(plan.objective === "engagements" ? [] : ["added_high"])];

function planLines(plan, row) {
  const [place, ...cells] = row;
  const values = { ...named(plans.accountColumns, plans.accounts[place]), ...named(plans.placeColumns, cells) };
  const line = document.createElement("tr");
  for (const name of planColumns(plan)) {
    const cell = line.insertCell();
    cell.textContent = values[name] === null ? "" : name in planForms ? planForms[name](values[name]) : values[name];
    cell.className = name in planForms ? "number" : "";
  }
  return [line, explained(line.cells.length, ["Why: " + values.why, ...(values.against ? ["Against: " + values.against] : [])])];
}

const named = (names, values) => Object.fromEntries(names.map((name, place) => [name, values[place]]));

// A line below another one, with sentences.
function explained(width, sentences) {
  const line = document.createElement("tr");
  const cell = line.insertCell();
  cell.colSpan = width;
  line.className = "why";
  for (const sentence of sentences) {
    const words = Object.assign(document.createElement("span"), { textContent: sentence });
    cell.append(...(cell.hasChildNodes() ? [document.createElement("br")] : []), words);
  }
  return line;
}

function showPlan(platform) {
  if (!planChoices.length) return;
  const plan = planOf(platform);
  document.getElementById("plan").hidden = !plan;
  document.getElementById("plan-none").hidden = Boolean(plan);
  document.getElementById("plan-choices").hidden = !plan;
  if (!plan) return;
  document.getElementById("plan-said").replaceChildren(...listed(plan.said));
  document.getElementById("plan-left-out").replaceChildren(...listed(plan.leftOut.map(([number, words]) => `${count(number)} ${words}`)));
  for (const heading of document.querySelectorAll("#plan-accounts th")) heading.hidden = !planColumns(plan).includes(heading.dataset.name);
  document.querySelector("#plan-accounts tbody").replaceChildren(...plan.rows.flatMap((row) => planLines(plan, row)));
}

