/* 막대 세우기: 훈련한 에이전트를 보고, 화살표나 손가락으로 겨루어 봅니다. 물리는 Gymnasium의 CartPole-v1과 같습니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const GRAVITY = 9.8, CART = 1, POLE = 0.1, HALF = 0.5, FORCE = 10, TAU = 0.02, LIMIT = 500;
  const PACE = 40; // 화면에서는 한 스텝에 40밀리초. 사람이 겨룰 수 있게 절반으로 늦춥니다.

  /* 상태 [수레의 자리, 속도, 막대의 각도, 각속도]에서 한 스텝. action은 0(왼쪽)이나 1(오른쪽)입니다. */
  function step([x, v, angle, spin], action) {
    const force = action ? FORCE : -FORCE, cos = Math.cos(angle), sin = Math.sin(angle), total = CART + POLE;
    const push = (force + POLE * HALF * spin * spin * sin) / total;
    const turn = (GRAVITY * sin - cos * push) / (HALF * (4 / 3 - (POLE * cos * cos) / total));
    const go = push - (POLE * HALF * turn * cos) / total;
    return [x + TAU * v, v + TAU * go, angle + TAU * spin, spin + TAU * turn];
  }
  const fell = ([x, , angle]) => Math.abs(x) > 2.4 || Math.abs(angle) > (12 * 2 * Math.PI) / 360;
  dlko.cartpole = { step, fell };

  dlko.demos["beyond/dqn"] = function (place) {
    const { el, button } = dlko, net = dlko.net(dlko.given["beyond/dqn"]);
    const WIDTH = 360, HEIGHT = 150;
    const decide = (state) => { const [left, right] = net.run({ shape: [4], data: Float32Array.from(state) }).at(-1).data; return right > left ? 1 : 0; };
    let seed = 1, push = 1, running = 0, last = 0, players = [];
    const stage = (name) => {
      const canvas = el("canvas", { class: "dlko-track", width: WIDTH, height: HEIGHT, role: "img", "aria-label": `${name}의 수레와 막대` });
      const words = el("p", { class: "dlko-track-words" });
      return { name, canvas, words, node: el("div", {}, el("p", { class: "dlko-demo-title" }, name), canvas, words) };
    };
    const stages = [stage("에이전트"), stage("나")], said = el("p", { class: "dlko-answer", role: "status" });

    function draw({ canvas, words }, player) {
      const context = canvas.getContext("2d"), [x, , angle] = player.state, middle = WIDTH / 2 + (x / 2.6) * (WIDTH / 2), floor = HEIGHT - 30;
      context.fillStyle = "#f3f5f7";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.strokeStyle = "#5b5b5b";
      context.lineWidth = 2;
      context.strokeRect(0, floor + 10, WIDTH, 0.5);
      context.fillStyle = player.done ? "#888" : "#0072b2";
      context.fillRect(middle - 24, floor - 12, 48, 22);
      context.strokeStyle = "#d55e00";
      context.lineWidth = 8;
      context.lineCap = "round";
      context.beginPath();
      context.moveTo(middle, floor - 10);
      context.lineTo(middle + 95 * Math.sin(angle), floor - 10 - 95 * Math.cos(angle));
      context.stroke();
      words.textContent = `${player.steps}스텝${player.done && player.steps ? (player.steps >= LIMIT ? ", 끝까지 버팀" : Math.abs(player.state[0]) > 2.4 ? ", 길 밖으로 나감" : ", 쓰러짐") : ""}`;
    }
    const show = () => stages.forEach((one, i) => draw(one, players[i]));
    function move(player, action) {
      if (player.done) return;
      player.state = step(player.state, action);
      player.steps += 1;
      player.done = fell(player.state) || player.steps >= LIMIT;
    }
    function tick() {
      move(players[0], decide(players[0].state));
      move(players[1], push);
    }
    function finish() {
      cancelAnimationFrame(running);
      running = 0;
      place.dataset.agent = players[0].steps;
      said.textContent = `에이전트 ${players[0].steps}스텝, 나 ${players[1].steps}스텝. ${LIMIT}스텝을 버티면 끝입니다.`;
    }
    function frame(now) {
      for (; last + PACE <= now; last += PACE) tick();
      show();
      if (players.every((one) => one.done)) return finish();
      running = requestAnimationFrame(frame);
    }
    function reset(next) {
      cancelAnimationFrame(running);
      running = 0;
      seed = next;
      const draw01 = dlko.random(seed), start = Array.from({ length: 4 }, () => 0.1 * draw01() - 0.05);
      players = stages.map(() => ({ state: [...start], steps: 0, done: false }));
      said.textContent = "‘시작’을 누르고 화살표로 수레를 밀어 막대를 세우세요. 수레는 늘 왼쪽이나 오른쪽으로 밀립니다.";
      dlko.address.set("start", String(seed));
      show();
    }
    function start() {
      if (players.some((one) => one.steps)) reset(seed);
      last = performance.now();
      running = requestAnimationFrame(frame);
      arena.focus({ preventScroll: true });
    }
    const go = (side) => { push = side; };
    const arena = el("div", { class: "dlko-demo-row dlko-arena", tabindex: "0", role: "application", "aria-label": "왼쪽과 오른쪽 화살표로 내 수레를 밉니다.",
      keydown: (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        go(event.key === "ArrowRight" ? 1 : 0);
        event.preventDefault();
      } }, ...stages.map(({ node }) => node));
    place.replaceChildren(arena,
      el("div", { class: "dlko-demo-buttons" }, button("시작", start), button("◀ 왼쪽으로", () => go(0)), button("오른쪽으로 ▶", () => go(1)),
        button("다른 시작 상태", () => reset((seed % 999) + 1)),
        button("에이전트만 끝까지", () => { reset(seed); players[1].done = true; while (!players[0].done) tick(); show(); finish(); })),
      said,
      el("p", { class: "dlko-demo-note" }, "에이전트가 보는 것은 수레의 위치와 속도, 막대의 각도와 각속도, 이 네 수뿐입니다. 두 수레는 같은 상태에서 시작합니다."));
    const sent = Math.floor(Number(dlko.address.get("start")));
    reset(sent > 0 && sent < 1000 ? sent : 1);
  };
})();
