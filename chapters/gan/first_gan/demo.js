/* 수직선 위의 GAN을 그 자리에서 훈련합니다. 진짜 점은 본문의 draw_points와 같은 분포입니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const HIDDEN = 24, BATCH = 128, RATE = 0.004, SHOWN = 1000, LOW = -4, HIGH = 4;
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  function random(seed) {
    const next = dlko.random(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return { next, normal, real: () => (next() < 0.6 ? -1.5 + 0.6 * normal() : 1.5 + 0.4 * normal()) };
  }

  /* 수 하나 → tanh 은닉 뉴런 → 수 하나. 파라미터는 한 줄에 이어 둡니다: 가중치, 편향, 나가는 가중치, 편향. Adam으로 고칩니다. */
  function network(dice) {
    const size = 3 * HIDDEN + 1, p = new Float64Array(size), m = new Float64Array(size), q = new Float64Array(size);
    for (let k = 0; k < HIDDEN; k++) {
      p[k] = 1.5 * dice.normal();
      p[HIDDEN + k] = 1.5 * dice.normal();
      p[2 * HIDDEN + k] = dice.normal() / Math.sqrt(HIDDEN);
    }
    let time = 0;
    const run = (x) => {
      let y = p[size - 1];
      for (let k = 0; k < HIDDEN; k++) y += p[2 * HIDDEN + k] * Math.tanh(p[k] * x + p[HIDDEN + k]);
      return y;
    };
    /* 출력의 기울기 slope를 거꾸로: 파라미터의 기울기를 모으고 입력의 기울기를 돌려줍니다 */
    const back = (x, slope, grad) => {
      let byInput = 0;
      for (let k = 0; k < HIDDEN; k++) {
        const h = Math.tanh(p[k] * x + p[HIDDEN + k]), inner = slope * p[2 * HIDDEN + k] * (1 - h * h);
        byInput += inner * p[k];
        if (!grad) continue;
        grad[k] += inner * x;
        grad[HIDDEN + k] += inner;
        grad[2 * HIDDEN + k] += slope * h;
      }
      if (grad) grad[size - 1] += slope;
      return byInput;
    };
    const update = (grad) => {
      time += 1;
      for (let k = 0; k < size; k++) {
        m[k] = 0.5 * m[k] + 0.5 * grad[k];
        q[k] = 0.999 * q[k] + 0.001 * grad[k] ** 2;
        p[k] -= (RATE * (m[k] / (1 - 0.5 ** time))) / (Math.sqrt(q[k] / (1 - 0.999 ** time)) + 1e-8);
      }
    };
    return { run, back, update, size };
  }

  /* 판별자 한 번, 생성자 한 번 */
  dlko.lineGan = function (seed, saturating) {
    const dice = random(seed), G = network(dice), D = network(dice);
    const noise = Array.from({ length: SHOWN }, dice.normal), truth = Array.from({ length: SHOWN }, dice.real).sort((a, b) => a - b);
    const towards = (x) => { const p = sigmoid(D.run(x)); return saturating ? -p : p - 1; }; // 생성자의 손실을 로짓으로 미분한 값
    return {
      steps: 0, judge: (x) => sigmoid(D.run(x)), fakes: () => noise.map(G.run),
      slope: (x) => -D.back(x, towards(x), null),
      step() {
        const forD = new Float64Array(D.size), forG = new Float64Array(G.size);
        for (let i = 0; i < BATCH; i++) {
          const x = dice.real(), fake = G.run(dice.normal());
          D.back(x, (sigmoid(D.run(x)) - 1) / BATCH, forD);
          D.back(fake, sigmoid(D.run(fake)) / BATCH, forD);
        }
        D.update(forD);
        for (let i = 0; i < BATCH; i++) {
          const z = dice.normal(), fake = G.run(z);
          G.back(z, D.back(fake, towards(fake) / BATCH, null), forG);
        }
        G.update(forG);
        this.steps += 1;
      },
      /* 차례로 세운 진짜와 가짜의 평균 차이(1차원 바서슈타인 거리) */
      distance: () => noise.map(G.run).sort((a, b) => a - b).reduce((sum, x, i) => sum + Math.abs(x - truth[i]), 0) / SHOWN,
    };
  };

  dlko.demos["gan/first_gan"] = function (place) {
    const { el, button } = dlko, WIDTH = 560, HEIGHT = 250, FLOOR = 200;
    const LOSSES = { "비포화 손실": false, "포화하는 손실": true };
    let seed = 1, loss = "비포화 손실", gan = null, running = 0;
    const canvas = el("canvas", { class: "dlko-line", width: WIDTH, height: HEIGHT, role: "img", "aria-label": "진짜 점의 밀도, 가짜 점의 막대, 판별자의 답" });
    const context = canvas.getContext("2d"), words = el("p", { class: "dlko-answer", role: "status" });
    const losses = el("select", { change: () => { loss = losses.value; reset(); } }, ...Object.keys(LOSSES).map((one) => el("option", {}, one)));
    const toX = (x) => ((x - LOW) / (HIGH - LOW)) * WIDTH, fromX = (px) => LOW + (px / WIDTH) * (HIGH - LOW);
    const bell = (x, middle, width) => Math.exp(-(((x - middle) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI));
    const density = (x) => 0.6 * bell(x, -1.5, 0.6) + 0.4 * bell(x, 1.5, 0.4);

    function show() {
      const fakes = gan.fakes(), bins = 64, counts = new Array(bins).fill(0), top = 0.7;
      for (const x of fakes) if (x > LOW && x < HIGH) counts[Math.floor(((x - LOW) / (HIGH - LOW)) * bins)] += 1;
      context.fillStyle = "#f3f5f7";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = "#e69f00";
      counts.forEach((count, i) => {
        const height = Math.min(FLOOR, ((count / SHOWN / ((HIGH - LOW) / bins)) / top) * FLOOR * 0.9);
        context.fillRect((i * WIDTH) / bins, FLOOR - height, WIDTH / bins - 1, height);
      });
      const curve = (f, color, dash) => {
        context.strokeStyle = color;
        context.lineWidth = 2.5;
        context.setLineDash(dash);
        context.beginPath();
        for (let px = 0; px <= WIDTH; px += 4) context.lineTo(px, FLOOR - f(fromX(px)) * FLOOR * 0.9);
        context.stroke();
        context.setLineDash([]);
      };
      curve((x) => density(x) / top, "#0072b2", []);
      curve(gan.judge, "#000000", [7, 5]);
      context.strokeStyle = context.fillStyle = "#b04a00";
      context.lineWidth = 2;
      for (const x of fakes.slice(0, 40)) { // 가짜 점이 밀리는 방향
        const length = Math.max(-30, Math.min(30, 25 * gan.slope(x))), from = toX(x), y = FLOOR + 14 + 28 * Math.abs(Math.sin(from));
        context.beginPath();
        context.moveTo(from, y);
        context.lineTo(from + length, y);
        context.stroke();
        context.fillRect(from + length - 2, y - 2, 4, 4);
      }
      const distance = gan.distance(), fooled = fakes.reduce((sum, x) => sum + gan.judge(x), 0) / SHOWN;
      words.textContent = `${gan.steps}스텝. 진짜와 가짜의 거리 ${distance.toFixed(2)}, 가짜를 보고 판별자가 답한 평균 ${fooled.toFixed(2)}`;
      place.dataset.steps = gan.steps;
      place.dataset.distance = distance;
      dlko.address.set("line", [seed, LOSSES[loss] ? 1 : 0].join("_"));
    }
    function stop() { cancelAnimationFrame(running); running = 0; toggle.textContent = "달리기"; }
    function reset() { stop(); gan = dlko.lineGan(seed, LOSSES[loss]); show(); }
    function more(count) { stop(); for (let i = 0; i < count; i++) gan.step(); show(); }
    const toggle = button("달리기", () => {
      if (running) return stop();
      toggle.textContent = "멈추기";
      const frame = () => { for (let i = 0; i < 5; i++) gan.step(); show(); running = requestAnimationFrame(frame); };
      running = requestAnimationFrame(frame);
    });
    place.replaceChildren(
      canvas, words,
      el("div", { class: "dlko-demo-buttons" }, button("한 스텝", () => more(1)), button("500스텝", () => more(500)), toggle,
        el("label", {}, "생성자의 손실: ", losses), button("다른 출발점", () => { seed = (seed % 99) + 1; reset(); }),
        button("처음으로", () => { seed = 1; loss = losses.value = "비포화 손실"; reset(); })),
      el("p", { class: "dlko-demo-note" }, "파란 선은 진짜 점의 밀도, 노란 막대는 생성자가 만든 점, 검은 점선은 판별자의 답(맨 아래 0, 위쪽 1)입니다. 아래의 화살표는 판별자의 기울기를 따라 가짜 점이 밀리는 방향과 세기입니다. 판별자의 답이 평평해지면 화살표도 짧아집니다."));
    const sent = dlko.address.get("line").split("_").map(Number);
    if (sent.length === 2 && sent[0] > 0 && sent[0] < 100) { seed = Math.floor(sent[0]); loss = losses.value = Object.keys(LOSSES)[sent[1] ? 1 : 0]; }
    reset();
  };
})();
