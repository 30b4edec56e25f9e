"""공식 Fashion-MNIST로 훈련한 여섯 가지: 이 장의 방법, 거기에서 하나씩 뺀 것, 흔히 쓰는 방법. 코어 둘에서 몇 분 걸립니다.

시간에는 훈련만 넣고(그래프를 엮는 시간은 넣고, 불러오기와 평가는 빼고) 품질은 모두 같은 함수로 잽니다.
"""

import os

from chapters.gan.first_gan.recipe import PLAN, recipe
from course.kernel import run_cell

ENVIRONMENT = {"DLKO_DATA": "official"}
CELLS = ("setup", "loss", "compile-gan", "tools", "clothes", "dense-models", "images-compile", "frechet")
RECIPE = "흔히 쓰는 방법, 20에포크"
# 이름 → (프로필, 장의 생성자와 판별자에서 무엇을 뺄지)
PIECES = {
    "이 장의 방법, full": ("full", None),
    "full에서 드롭아웃을 뺌": ("full", "dropout"),
    "이 장의 방법, quick": ("quick", None),
    "quick에서 드롭아웃을 뺌": ("quick", "dropout"),
    "quick에서 작은 출발점을 뺌": ("quick", "small start"),
    RECIPE: ("", None),
}


def measure(v, piece):
    seconds, steps, distance = train_recipe(v) if piece == RECIPE else train_chapter(v, *PIECES[piece])
    return {
        "name": piece,
        "profile": PIECES[piece][0],
        "steps": int(steps),
        "seconds": round(float(seconds), 1),
        "frechet": round(float(distance), 2),
    }


def train_chapter(v, profile, removed):
    """노트북의 칸을 그대로 실행합니다. 뺄 것이 있으면, 막 만든 모델에서 뺍니다."""
    os.environ["DLKO_PROFILE"] = profile
    made = {name: v[name] for name in ("make_generator", "make_discriminator")}
    v.update({name: (lambda make=make: without(make(), removed)) for name, make in made.items()})
    seconds = sum(run_cell(v["_cells"][name]) for name in ("images-compile", "images-train"))
    run_cell(v["_cells"]["images-distance"])
    v.update(made)
    return seconds, v["image_steps"], v["image_distance"]


def without(model, removed):
    import keras

    for layer in model.layers:
        if removed == "dropout" and isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
        if removed == "small start" and isinstance(layer, keras.layers.Dense):
            layer.kernel.assign(keras.initializers.GlorotUniform()(layer.kernel.shape))
    return model


def train_recipe(v):
    """`make bench`와 같은 코드로 훈련합니다."""
    import keras

    from course.benchmark.measure import Watch

    watch = Watch()
    keras.utils.set_random_seed(0)
    with watch.running():
        recipe(PLAN.data(v), watch)
    return watch.seconds, watch.steps, watch.curve[-1][1]


def summarize(v, pieces):
    return {
        "data": {
            "title": "Fashion-MNIST 공식 데이터",
            "train": len(v["real_images"]),
            "compare": int(v["sample_count"]),
        },
        "noise_floor": round(float(v["image_floor"]), 3),
        "results": list(pieces.values()),
    }
