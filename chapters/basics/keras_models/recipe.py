"""유방 종양이 악성인지 가리는 이진 분류."""

import numpy as np

from course.benchmark.plan import Plan


def right_share(model, x, y):
    """확률이 0.5를 넘으면 악성이라고 답한 것으로 보고, 맞힌 비율을 셉니다."""
    return float(np.mean((model.predict(x, batch_size=1000, verbose=0)[:, 0] > 0.5) == y))


def recipe(data, watch, **options):
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    model = keras.Sequential(
        [
            keras.Input((30,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: right_share(model, x_test, y_test)
    settings = {"epochs": 50, "batch_size": 64, "validation_split": 0.2} | options
    model.fit(x_train, y_train, callbacks=[watch.callback()], verbose=0, **settings)


def unvalidated(data, watch):
    recipe(data, watch, validation_split=0.0)


VARIANTS = {"unvalidated": ("에포크마다 검증하지 않기", unvalidated)}

PLAN = Plan(
    recipe="은닉층 16, 8과 시그모이드 하나, Adam, 배치 64, 50에포크, 검증 20 %",
    measure="테스트 정확도",
    quality=lambda v: right_share(v["detector"], v["c_test"], v["m_test"]),
    tolerance=0.01,
    data_cells=("setup", "patients", "split-code", "standardize-code", "tumours"),
    data=lambda v: ((v["c_train"], v["m_train"]), (v["c_test"], v["m_test"])),
    title=lambda data, _: f"유방 종양 {len(data[0][0]) + len(data[1][0])}명",
    cells=("stack",),
)
