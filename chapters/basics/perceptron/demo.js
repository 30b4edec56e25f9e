/* 결정 경계를 움직여 보기: 뉴런 하나의 직선을 손으로 옮기고, 2-4-1 신경망을 그 자리에서 훈련합니다. */
(function () {
  "use strict";
  const dlko = window.dlko, { el, button } = dlko;
  const LOW = -0.5, HIGH = 1.5, SIZE = 280, HIDDEN = 4;
  const corners = (answers) => answers.map((y, i) => [i >> 1, i & 1, y]);
  const DATA = { AND: corners([0, 0, 0, 1]), OR: corners([0, 1, 1, 1]), NAND: corners([1, 1, 1, 0]), XOR: corners([0, 1, 1, 0]), "내 점": [] };
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  /* tanh 은닉 뉴런 넷과 시그모이드 출력 하나 */
  function network(seed) {
    const next = dlko.random(seed), start = () => 2 * next() - 1;
    const first = Array.from({ length: HIDDEN }, () => [start(), start(), start()]);
    const last = Array.from({ length: HIDDEN + 1 }, start);
    const hidden = (x, y) => first.map(([u, v, b]) => Math.tanh(u * x + v * y + b));
    const answer = (x, y) => sigmoid(hidden(x, y).reduce((sum, h, i) => sum + last[i] * h, last[HIDDEN]));
    return {
      answer,
      step(points, rate) {
        const firstSlope = first.map(() => [0, 0, 0]), lastSlope = last.map(() => 0);
        for (const [x, y, wanted] of points) {
          const h = hidden(x, y), error = (answer(x, y) - wanted) / points.length;
          lastSlope[HIDDEN] += error;
          h.forEach((value, i) => {
            lastSlope[i] += error * value;
            const back = error * last[i] * (1 - value * value);
            [x, y, 1].forEach((input, k) => { firstSlope[i][k] += back * input; });
          });
        }
        first.forEach((weights, i) => weights.forEach((_, k) => { weights[k] -= rate * firstSlope[i][k]; }));
        last.forEach((_, i) => { last[i] -= rate * lastSlope[i]; });
      },
    };
  }

  dlko.demos["basics/perceptron"] = function (place) {
    let name = "AND", mine = [], seed = 1, steps = 0, net = null, running = 0, putting = 1, pen = null;
    const weights = { w1: 1, w2: 1, b: -0.5 };
    const plane = el("canvas", { class: "dlko-plane", width: SIZE, height: SIZE, tabindex: "0", role: "application",
      "aria-label": "입력 평면. 누르면 점이 놓입니다. 화살표로 자리를 옮기고 빈칸 글쇠로 점을 놓습니다." });
    const context = plane.getContext("2d");
    const sliders = Object.keys(weights).map((key) => {
      const value = el("output", {});
      const slider = el("input", { type: "range", min: -3, max: 3, step: 0.1, "aria-label": { w1: "가중치 w1", w2: "가중치 w2", b: "편향 b" }[key],
        input: () => { weights[key] = Number(slider.value); stop(); net = null; steps = 0; show(); } });
      return { key, value, slider, node: el("label", { class: "dlko-slider" }, el("span", {}, key), slider, value) };
    });
    const data = el("select", { change: () => { name = data.value; restart(); } }, ...Object.keys(DATA).map((one) => el("option", {}, one)));
    const words = el("p", { class: "dlko-answer", role: "status" });
    const points = () => (name === "내 점" ? mine : DATA[name]);
    const answer = (x, y) => (net ? net.answer(x, y) : sigmoid(8 * (weights.w1 * x + weights.w2 * y + weights.b)));
    const place2d = (x, y) => [((x - LOW) / (HIGH - LOW)) * SIZE, ((HIGH - y) / (HIGH - LOW)) * SIZE];

    function show() {
      const block = 7;
      for (let px = 0; px < SIZE; px += block)
        for (let py = 0; py < SIZE; py += block) {
          const p = answer(LOW + ((px + block / 2) / SIZE) * (HIGH - LOW), HIGH - ((py + block / 2) / SIZE) * (HIGH - LOW));
          context.fillStyle = `rgb(${Math.round(240 - 140 * p)}, ${Math.round(215 - 30 * p)}, ${Math.round(170 + 75 * p)})`;
          context.fillRect(px, py, block, block);
        }
      for (const [x, y, wanted] of points()) {
        const [px, py] = place2d(x, y);
        context.fillStyle = wanted ? "#0072b2" : "#d55e00";
        context.strokeStyle = (answer(x, y) > 0.5) === (wanted === 1) ? "#fff" : "#000";
        context.lineWidth = 3;
        context.beginPath();
        wanted ? context.arc(px, py, 9, 0, 7) : context.rect(px - 8, py - 8, 16, 16);
        context.fill();
        context.stroke();
      }
      if (pen) {
        context.strokeStyle = "#000";
        context.lineWidth = 2;
        const [px, py] = place2d(...pen);
        context.strokeRect(px - 12, py - 12, 24, 24);
      }
      sliders.forEach(({ key, slider, value }) => { slider.value = weights[key]; value.textContent = weights[key].toFixed(1).replace("-", "−"); });
      const wrong = points().filter(([x, y, wanted]) => (answer(x, y) > 0.5) !== (wanted === 1)).length;
      const who = net ? `은닉 뉴런 넷을 둔 신경망, 출발점 ${seed}, ${steps}스텝` : "뉴런 하나";
      words.textContent = points().length ? `${who}: 점 ${points().length}개 가운데 ${wrong}개를 틀립니다.` : "평면을 눌러 점을 놓으세요.";
      place.dataset.wrong = wrong;
      const state = [Object.keys(DATA).indexOf(name), ...Object.values(weights).map((w) => Math.round(10 * w)), net ? seed : 0, steps,
        ...mine.flatMap(([x, y, wanted]) => [Math.round(100 * x), Math.round(100 * y), wanted])];
      dlko.address.set("plane", state.join("_"));
    }
    function stop() { cancelAnimationFrame(running); running = 0; }
    function restart() { stop(); net = null; steps = 0; show(); }
    function train(more) {
      stop();
      if (!points().length) return show();
      net = net || network(seed);
      const go = (count) => { for (let i = 0; i < count; i++) net.step(points(), 1); steps += count; more -= count; show(); };
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(more);
      const frame = () => { go(Math.min(more, 20)); running = more > 0 ? requestAnimationFrame(frame) : 0; };
      frame();
    }
    function put(x, y) {
      if (mine.length >= 60) mine.shift();
      mine.push([Math.round(100 * x) / 100, Math.round(100 * y) / 100, putting]);
      name = data.value = "내 점";
      show();
    }
    plane.addEventListener("pointerdown", (event) => {
      const box = plane.getBoundingClientRect();
      pen = null;
      put(LOW + ((event.clientX - box.left) / box.width) * (HIGH - LOW), HIGH - ((event.clientY - box.top) / box.height) * (HIGH - LOW));
    });
    plane.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      if (!move && event.key !== " ") return;
      pen = pen || [0.5, 0.5];
      if (move) pen = pen.map((value, i) => Math.min(HIGH, Math.max(LOW, value + move[i])));
      else put(...pen);
      event.preventDefault();
      show();
    });
    plane.addEventListener("blur", () => { pen = null; show(); });

    const kind = button("놓을 점: 1 (동그라미)", () => { putting = 1 - putting; kind.textContent = putting ? "놓을 점: 1 (동그라미)" : "놓을 점: 0 (네모)"; });
    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, plane),
        el("div", { class: "dlko-grow" }, el("p", {}, el("label", {}, "맞힐 점들: ", data)), words,
          el("p", { class: "dlko-demo-title" }, "뉴런 하나를 손으로"), ...sliders.map(({ node }) => node),
          el("p", { class: "dlko-demo-title" }, "은닉 뉴런 넷을 둔 신경망"),
          el("div", { class: "dlko-demo-buttons" }, button("200스텝 훈련", () => train(200)), button("다른 출발점", () => { seed = (seed % 99) + 1; restart(); train(200); })),
          el("p", { class: "dlko-demo-title" }, "내 점"),
          el("div", { class: "dlko-demo-buttons" }, kind, button("내 점 지우기", () => { mine = []; restart(); })),
          el("div", { class: "dlko-demo-buttons" }, button("처음으로", () => { name = data.value = "AND"; mine = []; seed = 1; Object.assign(weights, { w1: 1, w2: 1, b: -0.5 }); restart(); })))),
      el("p", { class: "dlko-demo-note" }, "파란 동그라미는 정답 1, 주황 네모는 정답 0입니다. 테두리가 검으면 틀린 점입니다. 바탕이 푸를수록 1이라고 답하는 곳입니다."));

    const sent = dlko.address.get("plane").split("_").map(Number);
    if (sent.length >= 6 && sent.every(Number.isFinite) && Object.keys(DATA)[sent[0]]) {
      name = data.value = Object.keys(DATA)[sent[0]];
      ["w1", "w2", "b"].forEach((key, i) => { weights[key] = Math.min(3, Math.max(-3, sent[i + 1] / 10)); });
      for (let i = 6; i + 2 < sent.length; i += 3) mine.push([sent[i] / 100, sent[i + 1] / 100, sent[i + 2] ? 1 : 0]);
      if (sent[4] > 0 && points().length) {
        seed = Math.floor(sent[4]);
        net = network(seed);
        steps = Math.min(5000, Math.max(0, Math.floor(sent[5])));
        for (let i = 0; i < steps; i++) net.step(points(), 1);
      }
    }
    show();
  };
})();
