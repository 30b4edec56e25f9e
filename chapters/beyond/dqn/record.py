"""장치를 하나씩 뺀 DQN을 출발점마다 훈련합니다. 중단을 종료로 착각한 것은 연습의 한도도 바꾸어 봅니다.

노트북의 함수로 훈련하고, 훈련이 끝난 뒤 처음 보는 에피소드 20개로 잽니다. 훈련을 멈출 때를 점수로 고르지 않습니다.
"""

import time

from course.kernel import rounded

CELLS = ("setup", "bellman", "play", "exam", "network", "update-code", "train-code")
STEPS = 25_000
SEEDS = range(5)
# 이름 → train에 줄 것. scale은 각도에 곱하는 수, recent는 최근 몇 개의 경험에서만 뽑을지, pull은 목표 신경망을 끌어오는 비율입니다.
KINDS: dict[str, dict] = {
    "기본": {},
    "각도를 키우지 않음": {"scale": 1.0},
    "경험 재생 없음": {"recent": 64},
    "목표 신경망 없음": {"pull": 1.0},
    "이중 DQN 아님": {"double": False},
    "중단을 종료로": {"confuse": True},
    "기본, 한도 100": {"limit": 100},
    "중단을 종료로, 한도 100": {"confuse": True, "limit": 100},
}
PIECES = {f"{name} {seed}": (name, seed) for name in KINDS for seed in SEEDS}


def measure(v, piece):
    """에이전트 하나를 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    import numpy as np

    name, seed = PIECES[piece]
    options = dict(KINDS[name])
    v["SCALE"][2] = options.pop("scale", 10.0)  # 신경망과 NumPy의 계산이 함께 읽습니다
    start = time.process_time()
    weights, scores, _ = v["train"](STEPS, seed, **options)
    seconds = time.process_time() - start
    marks = v["exam"](v["greedy"](weights))
    starts = [v["cart"].reset(seed=10_000 + i)[0] for i in range(20)]
    first = next((t for t, score in scores if score >= 500), None)
    return rounded(
        {
            "name": name.partition(",")[0],
            "limit": options.get("limit", 500),
            "seed": seed,
            "seconds": seconds,
            "scores": [int(mark) for mark in marks],
            # 시작 상태에서 믿는 값과, 시험에서 받은 할인된 이득(보상이 늘 1이므로 점수에서 나옵니다)
            "believed": np.mean([v["q_values"](weights, state).max() for state in starts]),
            "actual": np.mean((1 - v["GAMMA"] ** marks) / (1 - v["GAMMA"])),
            "first_500": first,
        }
    )


def summarize(v, pieces):
    return {
        "steps": STEPS,
        "clock": "훈련에 쓴 CPU 초",
        "results": list(pieces.values()),
    }
