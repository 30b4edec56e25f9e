"""출발점을 바꾸어 가며 훈련한 오토인코더, VAE, 선형 디코더와 β를 바꾼 VAE. 공식 Fashion-MNIST가 필요합니다.

노트북의 함수로 훈련하고 잽니다. 프레셰 거리는 GAN 장들의 기록과 견주도록 2,000장과 5,000장으로 둘 다 잽니다.
"""

import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official"}
CELLS = (
    "setup", "load", "losses", "build", "train-code", "score-code", "generate", "judge", "alive", "fitted",
    "iw-code",
)  # fmt: skip
EPOCHS = 5  # 60,000장을 다섯 번이면 짧은 실행에서 보는 사진의 네 배가 넘습니다.
LINEAR_RATE = 2e-3  # 노트북처럼, 터지지 않도록 낮춘 학습률
# 이름 → (차원, 선형 디코더인지, β, 출발점의 수). β가 0이면 구름 없이 가운데만 쓰는 보통 오토인코더입니다.
KINDS: dict[str, tuple[int, bool, float, int]] = {
    "오토인코더": (16, False, 0.0, 3),
    "VAE": (16, False, 1.0, 3),
    "2차원 VAE": (2, False, 1.0, 3),
    "선형 디코더": (16, True, 1.0, 2),
    "KL을 평균": (16, False, 1 / 16, 2),
    "재구성을 평균": (16, False, 784.0, 1),
    "β=4": (16, False, 4.0, 1),
}
PIECES = {f"{name} {seed}": (name, seed) for name, kind in KINDS.items() for seed in range(kind[-1])}


def measure(v, piece):
    """모델 하나를 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    import keras

    name, seed = PIECES[piece]
    latent, linear, beta, _ = KINDS[name]
    keras.utils.set_random_seed(seed)
    model = v["build"](latent, linear=linear)
    start = time.process_time()
    options = {"rate": LINEAR_RATE} if linear else {}
    v["train"](model, EPOCHS, beta=beta, cloud=beta > 0, **options)
    seconds = time.process_time() - start
    about = {"name": name, "seed": seed, "epochs": EPOCHS, "seconds": seconds}
    if beta and latent == 16 and not linear:
        about["beta"] = beta  # β를 견주는 그림에 넣을 줄
    return rounded(about | nats(v, model, latent, beta) | distances(v, model, latent))


def nats(v, model, latent, beta):
    """테스트 세트로 잰 냇. 오토인코더는 확률 모델이 아니므로 재지 않습니다."""
    if not beta:
        return {}
    score = v["score"](model, v["x_test"])
    return {
        "elbo": score["−ELBO"],
        "rebuild": score["재구성"],
        "kl": score["KL"],
        "tighter": v["tighter"](model, v["x_test"][:500], 50),
        "active": int((v["by_dimension"](model) > 0.1).sum()),
    }


def distances(v, model, latent):
    """z를 세 자리에서 뽑은 사진의 프레셰 거리. 이름에 5000이 없으면 2,000장입니다."""
    import numpy as np

    import dlko

    random = np.random.default_rng(0)
    z = random.standard_normal((5000, latent))
    places = {"prior": z, "mixture": v["fitted"](model, count=5000)}
    generate, distance = v["generate"], v["distance"]
    real = dlko.judge_features(v["x_test"][:5000].reshape(-1, 28, 28))
    found = {"rebuilt": distance(generate(model, v["encode"](model, v["x_test"][:2000])[0]))}
    for place, codes in places.items():
        pictures = generate(model, random.permutation(codes))
        found[place] = distance(pictures[:2000])
        found[f"{place}_5000"] = dlko.frechet_distance(real, dlko.judge_features(pictures))
        if place == "prior":
            tosses = random.random((2000, 28, 28)) < pictures[:2000]
            found["tossed"] = distance(tosses.astype("float32"))
    return found


def summarize(v, pieces):
    return {
        "data": {"title": "Fashion-MNIST", "train": len(v["x_train"]), "test": len(v["x_test"])},
        "clock": "훈련에 쓴 CPU 초",
        "results": list(pieces.values()),
    }
