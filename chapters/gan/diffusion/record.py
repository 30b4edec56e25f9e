"""잠재 확산을 출발점을 바꾸어 가며, 픽셀 확산을 한 번 훈련해 잰 것. 공식 Fashion-MNIST가 필요합니다.

노트북의 함수로 훈련하고 잽니다. 프레셰 거리는 VAE와 GAN 장들의 기록처럼 2,000장씩 잽니다.
"""

import base64
import time

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official"}
CELLS = (
    "setup", "load", "schedule", "autoencoder", "standardize", "denoiser", "guess", "train", "sample", "mixture", "measures",
    "unet",
)  # fmt: skip
EPOCHS, STEPS, PIXEL_STEPS = 3, 4000, 800
SEEDS = 3
PIECES = (*(f"잠재 확산 {seed}" for seed in range(SEEDS)), "픽셀 확산 0")
PLACES = (200, 150, 100, 70, 50, 30, 10)  # 픽셀 확산의 스텝 가운데 그림으로 남길 곳


def measure(v, piece):
    """한 번 훈련하고 잽니다. 시간은 훈련에 쓴 CPU 초입니다."""
    name, seed = piece.rsplit(maxsplit=1)
    found = latent(v, int(seed)) if name == "잠재 확산" else pixel(v, int(seed))
    return rounded({"name": name, "seed": int(seed)} | found)


def latent(v, seed):
    import keras
    import numpy as np
    import tensorflow as tf

    start = time.process_time()
    encoder, decoder = v["train_autoencoder"](EPOCHS, seed)
    clean, painter = v["standardize"](encoder, decoder)
    middle = time.process_time()
    model = v["make_denoiser"]()
    v["train_denoiser"](model, clean, STEPS)
    end = time.process_time()
    found = {"epochs": EPOCHS, "steps": STEPS, "first_seconds": middle - start, "seconds": end - start}

    noise = np.random.default_rng(seed).standard_normal((2000, v["LATENT"])).astype("float32")
    unknown, orders = tf.zeros((2000, 10)), np.arange(2000) % 10
    distance, paint = v["distance"], v["paint"]

    def drawn(kind=unknown, steps=20, **options):
        return paint(painter, v["sample"](model, noise, kind, steps, **options))

    codes = encoder.predict(v["real"].reshape(-1, 784), verbose=0)
    found["rebuilt"] = distance(decoder.predict(codes, verbose=0).reshape(-1, 28, 28))
    found["mixture"] = distance(paint(painter, v["mixture_codes"](clean)))
    by_class = [v["mixture_codes"](clean[v["labels"] == k], 2, 200) for k in range(10)]
    found["mixture_class"] = distance(paint(painter, np.concatenate(by_class)))
    for steps in (1, 5, 20, 50):
        found[f"ddim_{steps}"] = distance(drawn(steps=steps))
    keras.utils.set_random_seed(seed)
    found["ddpm_50"] = distance(drawn(steps=50, fresh=True))
    for w in (1, 2, 4):
        pictures = drawn(tf.one_hot(orders, 10), guidance=w)
        found |= {
            f"guided_{w}": distance(pictures),
            f"accuracy_{w}": v["label_accuracy"](pictures, orders),
            f"variety_{w}": v["variety"](pictures, orders) / v["real_variety"],
        }
    return found


def pixel(v, seed):
    import keras
    import numpy as np
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    model = v["make_unet"]()
    start = time.process_time()
    v["train_denoiser"](model, 2 * v["photos"] - 1, PIXEL_STEPS, batch=64)
    found = {"steps": PIXEL_STEPS, "seconds": time.process_time() - start}
    noise = np.random.default_rng(seed).standard_normal((2000, 784)).astype("float32")
    trace, made = [], []
    for part in np.split(noise, 4):
        trace.append([])
        made.append(v["sample"](model, part, tf.zeros((500, 10)), trace=trace[-1]))
    grey = (np.concatenate(made) + 1) / 2
    found["ddim_20"] = v["distance"](np.clip(grey, 0, 1).reshape(-1, 28, 28))
    walk = [trace[0][20 - t // 10][0][:3] for t in PLACES] + [made[0][:3]]
    shown = np.clip((np.stack(walk, axis=1) + 1) / 2, 0, 1)
    return found | {
        "samples": base64.b64encode((255 * shown).round().astype("uint8").tobytes()).decode("ascii")
    }


def summarize(v, pieces):
    return {
        "data": {"title": "Fashion-MNIST", "train": len(v["photos"]), "judged": len(v["real"])},
        "clock": "훈련에 쓴 CPU 초",
        "results": list(pieces.values()),
    }
