"""조건부 GAN, pix2pix, CycleGAN을 출발점을 바꾸어 가며 훈련해 잰 것. 공식 Fashion-MNIST가 필요합니다.

노트북의 함수로 훈련하고 잽니다. CycleGAN은 훈련할 때 숨긴 짝으로 채점합니다.
"""

import base64
import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official"}
CELLS = (
    "setup", "load", "generator", "discriminator", "losses", "train-conditional", "draw", "sketch", "unet", "patch",
    "train-pix2pix", "measure", "train-cycle",
)  # fmt: skip
# (방법, 스텝) → 출발점의 수
RUNS = {
    ("조건부 GAN", 2000): 3,
    ("L1만", 500): 3,
    ("L1 + GAN", 500): 3,
    ("CycleGAN", 400): 3,
}
PIECES = {
    f"{name} {steps} {seed}": (name, steps, seed) for (name, steps), n in RUNS.items() for seed in range(n)
}


def measure(v, piece):
    """한 번 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    name, steps, seed = PIECES[piece]
    start = time.process_time()
    if name == "조건부 GAN":
        trained = v["train_conditional"](steps, seed)
    elif name == "CycleGAN":
        trained = v["train_cycle"](steps, seed)
    else:
        trained = v["train_pix2pix"](steps, seed, adversary=name != "L1만")
    seconds = time.process_time() - start
    look = {"조건부 GAN": conditional, "CycleGAN": cycle}.get(name, pix2pix)
    return rounded({"name": name, "steps": steps, "seed": seed, "seconds": seconds} | look(v, trained))


def conditional(v, generator):
    import numpy as np

    orders = np.arange(2000) % 10
    made = v["draw"](generator, orders)
    return {"accuracy": v["label_accuracy"](made, orders), "distance": v["distance"](made)}


def against_truth(v, pictures):
    found = v["measure"](pictures)
    return {"l1": found["L1 오차"], "edges": found["윤곽 일치"], "distance": found["프레셰 거리"]}


def pix2pix(v, generator):
    """잡음만 바꾸어 두 번 그려, 픽셀이 평균 얼마나 달라지는지도 잽니다."""
    first, again = (v["translate"](generator, v["real_lines"], seed) for seed in (0, 1))
    return against_truth(v, first) | {"noise": float(abs(first - again).mean())}


def cycle(v, pair):
    """순환 손실과, 숨겨 둔 짝과의 차이."""
    paint, trace = pair
    lines, photos = v["real_lines"], v["real"]

    def run(model, pictures):
        return model.predict(pictures, batch_size=500, verbose=0)

    painted, traced = run(paint, lines), run(trace, photos)
    back = {"cycle_line": (run(trace, painted), lines), "cycle_photo": (run(paint, traced), photos)}
    found = {name: float(abs(made - true).mean()) for name, (made, true) in back.items()}
    found["trace"] = float(abs(traced - lines).mean())
    pixels = (painted[:24, ..., 0] * 255).round().astype("uint8")
    return against_truth(v, painted) | found | {"samples": base64.b64encode(pixels.tobytes()).decode("ascii")}


def summarize(v, pieces):
    results = list(pieces.values())
    return {
        "data": {"title": "Fashion-MNIST", "train": len(v["photos"]), "judged": len(v["real"])},
        "clock": "훈련에 쓴 CPU 초",
        "results": results,
    }
