/* 손실 곡면에서 내려가 보기: 출발점을 누르고, 규칙과 학습률을 골라 걸어 봅니다. 곡면과 규칙은 본문의 코드와 같습니다. */
(function () {
  "use strict";
  const dlko = window.dlko, { el, button } = dlko;
  const X = Array.from({ length: 10 }, (_, i) => i + 1), Y = X.map((x) => 2 * x + 1);
  const W = [0, 4], B = [-6, 6], WIDTH = 420, HEIGHT = 280, STEPS = 100;
  const surface = ([w, b]) => X.reduce((sum, x, i) => sum + (w * x + b - Y[i]) ** 2, 0) / X.length;
  const slopes = ([w, b]) => X.reduce(([u, v], x, i) => {
    const error = (2 * (w * x + b - Y[i])) / X.length;
    return [u + error * x, v + error];
  }, [0, 0]);
  const RULES = {
    "경사 하강법": { rates: [0.001, 0.03], rate: 0.0237, move: (g, memory, rate) => g.map((one) => -rate * one) },
    모멘텀: {
      rates: [0.001, 0.06], rate: 0.012,
      move(g, memory, rate) { return (memory.v = g.map((one, i) => 0.9 * (memory.v ? memory.v[i] : 0) - rate * one)); },
    },
    Adam: {
      rates: [0.01, 3], rate: 0.3,
      move(g, memory, rate) {
        memory.t = (memory.t || 0) + 1;
        memory.m = g.map((one, i) => 0.9 * (memory.m ? memory.m[i] : 0) + 0.1 * one);
        memory.q = g.map((one, i) => 0.999 * (memory.q ? memory.q[i] : 0) + 0.001 * one * one);
        return memory.m.map((m, i) => (-rate * (m / (1 - 0.9 ** memory.t))) / (Math.sqrt(memory.q[i] / (1 - 0.999 ** memory.t)) + 1e-8));
      },
    },
  };
  const toX = (w) => ((w - W[0]) / (W[1] - W[0])) * WIDTH, toY = (b) => ((B[1] - b) / (B[1] - B[0])) * HEIGHT;

  /* 등고선: 이웃한 두 높이 사이에 등고선의 높이가 있는 픽셀을 칠합니다 */
  function drawMap() {
    const map = el("canvas", { width: WIDTH, height: HEIGHT }), context = map.getContext("2d"), picture = context.createImageData(WIDTH, HEIGHT);
    const band = (x, y) => Math.floor(2 * Math.log10(surface([W[0] + (x / WIDTH) * (W[1] - W[0]), B[1] - (y / HEIGHT) * (B[1] - B[0])]) + 1e-9));
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) {
        const here = band(x, y), line = here !== band(x + 1, y) || here !== band(x, y + 1);
        const shade = Math.round(255 - 18 * Math.min(8, Math.max(0, here + 3)));
        picture.data.set(line ? [120, 130, 140, 255] : [shade, shade, 255, 255], 4 * (y * WIDTH + x));
      }
    context.putImageData(picture, 0, 0);
    return map;
  }

  /* 걸은 길. 폭발하면 거기서 멈춥니다. */
  function walk(start, rule, rate) {
    const path = [start], memory = {};
    for (let i = 0; i < STEPS; i++) {
      const move = RULES[rule].move(slopes(path.at(-1)), memory, rate), next = path.at(-1).map((value, k) => value + move[k]);
      if (!(surface(next) < 1e7)) return { path, blown: true };
      path.push(next);
    }
    return { path, blown: surface(path.at(-1)) > 10 * surface(start) };
  }

  /* 손실이 처음으로 출발점의 열 배를 넘은 스텝. 한 번에 폭발했으면 멈춘 스텝입니다. */
  function tenfold(path) {
    const step = path.findIndex((point) => surface(point) > 10 * surface(path[0]));
    return step < 0 ? path.length : step;
  }

  dlko.demos["basics/training"] = function (place) {
    let start = [3.4, -5], rule = "경사 하강법", rate = RULES[rule].rate, running = 0;
    const map = drawMap();
    const view = el("canvas", { class: "dlko-plane dlko-valley", width: WIDTH, height: HEIGHT, tabindex: "0", role: "application",
      "aria-label": "손실 곡면의 지도. 가로는 가중치 w, 세로는 편향 b입니다. 누르거나 화살표로 출발점을 옮깁니다." });
    const context = view.getContext("2d"), words = el("p", { class: "dlko-answer", role: "status" });
    const rules = el("select", { change: () => { rule = rules.value; rate = RULES[rule].rate; go(true); } }, ...Object.keys(RULES).map((one) => el("option", {}, one)));
    const shown = el("output", {});
    const slider = el("input", { type: "range", min: 0, max: 1000, "aria-label": "학습률",
      input: () => { const [low, high] = RULES[rule].rates; rate = low * (high / low) ** (slider.value / 1000); go(false); } });

    function draw(path, count) {
      context.drawImage(map, 0, 0);
      context.strokeStyle = context.fillStyle = "#d55e00";
      context.lineWidth = 1.5;
      context.beginPath();
      path.slice(0, count + 1).forEach(([w, b]) => context.lineTo(toX(w), toY(b)));
      context.stroke();
      for (const [w, b] of path.slice(0, count + 1)) context.fillRect(toX(w) - 2, toY(b) - 2, 4, 4);
      context.fillStyle = "#000";
      context.font = "18px sans-serif";
      context.fillText("★", toX(2) - 9, toY(1) + 6);
      context.strokeStyle = "#000";
      context.strokeRect(toX(path[0][0]) - 6, toY(path[0][1]) - 6, 12, 12);
    }
    function go(moving) {
      cancelAnimationFrame(running);
      const [low, high] = RULES[rule].rates;
      slider.value = Math.round((1000 * Math.log(rate / low)) / Math.log(high / low));
      shown.textContent = rate.toPrecision(3);
      const { path, blown } = walk(start, rule, rate), loss = surface(path.at(-1));
      place.dataset.loss = loss;
      const near = path.findIndex((point) => surface(point) < 0.01);
      words.textContent = blown
        ? `발산했습니다. ${tenfold(path)}스텝째에 처음으로 손실이 출발점의 열 배를 넘었습니다. 학습률을 줄여 보세요.`
        : `${STEPS}스텝 뒤 손실 ${loss < 0.0001 ? "0.0001보다 작음" : loss.toPrecision(3)}. ${near < 0 ? "아직 0.01 아래로 내려가지 못했습니다." : `${near}스텝째 처음으로 0.01 아래로 내려갔습니다.`}`;
      dlko.address.set("walk", [Object.keys(RULES).indexOf(rule), rate.toPrecision(4), start[0].toFixed(2), start[1].toFixed(2)].join("_"));
      if (!moving || matchMedia("(prefers-reduced-motion: reduce)").matches) return draw(path, path.length);
      let count = 0;
      const frame = () => { draw(path, count++); if (count <= path.length) running = requestAnimationFrame(frame); };
      frame();
    }
    view.addEventListener("pointerdown", (event) => {
      const box = view.getBoundingClientRect();
      start = [W[0] + ((event.clientX - box.left) / box.width) * (W[1] - W[0]), B[1] - ((event.clientY - box.top) / box.height) * (B[1] - B[0])];
      go(true);
    });
    view.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.5], ArrowDown: [0, -0.5] }[event.key];
      if (!move) return;
      start = [Math.min(W[1], Math.max(W[0], start[0] + move[0])), Math.min(B[1], Math.max(B[0], start[1] + move[1]))];
      event.preventDefault();
      go(false);
    });

    place.replaceChildren(
      el("div", { class: "dlko-demo-row" }, el("div", {}, view),
        el("div", { class: "dlko-grow" }, el("p", {}, el("label", {}, "규칙: ", rules)),
          el("label", { class: "dlko-slider" }, el("span", {}, "학습률"), slider, shown), words,
          el("div", { class: "dlko-demo-buttons" }, button("다시 걷기", () => go(true)),
            button("처음으로", () => { start = [3.4, -5]; rule = rules.value = "경사 하강법"; rate = RULES[rule].rate; go(true); })))),
      el("p", { class: "dlko-demo-note" }, "네모가 출발점, 별이 가장 낮은 곳입니다. 곡면은 본문에서 물이 조금 들어 있던 물통의 손실 곡면 그대로입니다. 학습률을 조금씩 키우며 어디서 발산하는지 찾아보세요."));

    const sent = dlko.address.get("walk").split("_").map(Number);
    const name = Object.keys(RULES)[sent[0]];
    if (sent.length === 4 && sent.every(Number.isFinite) && name) {
      rule = rules.value = name;
      const [low, high] = RULES[rule].rates;
      rate = Math.min(high, Math.max(low, sent[1]));
      start = [Math.min(W[1], Math.max(W[0], sent[2])), Math.min(B[1], Math.max(B[0], sent[3]))];
    }
    go(false);
  };
})();
