// Draws the charts as GitHub does, and leaves what it sees of the finished page in the attribute `data-seen`.
"use strict";

async function draw() {
  const theme = document.body.dataset.theme === "dark" ? "dark" : "default";
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme });
  for (const [number, block] of document.querySelectorAll('pre[lang="mermaid"]').entries()) {
    const frame = document.createElement("div");
    block.replaceWith(frame);
    try {
      frame.innerHTML = (await mermaid.render(`chart${number}`, block.textContent)).svg;
    } catch (error) {
      frame.dataset.error = String(error);
    }
  }
}

function see() {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).map((each) => each.textContent.trim());
  const elements = {};
  for (const each of all("main *:not(svg *)")) elements[each.localName] = (elements[each.localName] ?? 0) + 1;
  return {
    elements, // how many of each there are, charts not looked into
    handlers: all("main *").flatMap((each) => each.getAttributeNames()).filter((name) => name.startsWith("on")),
    links: all("main a").map((each) => each.getAttribute("href") ?? each.getAttribute("xlink:href")),
    rows: all("main table").map((each) => each.querySelectorAll("tbody tr").length),
    charts: all("main svg").map((each) => ({
      bars: each.querySelectorAll("rect.task").length,
      boxes: [...each.querySelectorAll(".node")].map((box) => box.textContent.trim()),
      texts: [...each.querySelectorAll("text")].map((text) => text.textContent),
    })),
    errors: all("[data-error]").map((each) => each.dataset.error),
    headings: texts("h1, h2, h3, h4"),
    text: document.querySelector("main").innerText,
    tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth, // pixels
    height: Math.ceil(document.querySelector("main").getBoundingClientRect().bottom) + 24, // pixels, with the lower margin
  };
}

draw().then(() => (document.documentElement.dataset.seen = JSON.stringify(see())));
