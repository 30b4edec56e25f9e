"""완전 연결층을 쌓은 오토인코더로 옷 사진 압축하기."""

import numpy as np

from course.benchmark.plan import Plan, fashion_title


def recipe(data, watch, epochs=50, largest_rate=None, wide=False):
    import keras
    from keras import layers

    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    x_test = x_test.reshape(-1, 784).astype("float32") / 255

    if wide:
        hidden, code, loss = [layers.Dense(512, activation="gelu")], layers.Dense(32), "mse"
        back = [layers.Dense(512, activation="gelu")]
    else:
        hidden = [layers.Dense(width, activation="relu") for width in (128, 64)]
        code, loss = layers.Dense(32, activation="relu"), "binary_crossentropy"
        back = [layers.Dense(width, activation="relu") for width in (64, 128)]
    model = keras.Sequential(
        [keras.Input((784,)), *hidden, code, *back, layers.Dense(784, activation="sigmoid")]
    )
    rate = 1e-3
    if largest_rate:
        rate = keras.optimizers.schedules.CosineDecay(largest_rate, epochs * -(-len(x_train) // 256))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    watch.quality = lambda: mean_squared_error(model, x_test)
    model.fit(x_train, x_train, epochs=epochs, batch_size=256, callbacks=[watch.callback()], verbose=0)


def schedule(data, watch):
    recipe(data, watch, epochs=15, largest_rate=3e-3)


def wide(data, watch):
    recipe(data, watch, epochs=4, largest_rate=3e-3, wide=True)


VARIANTS = {
    "schedule": ("학습률을 코사인 곡선으로 줄이며 15에포크만", schedule),
    "wide": ("거기에 넓은 층 하나, GELU, 평균 제곱 오차로 4에포크만", wide),
}


def mean_squared_error(model, images):
    restored = model.predict(images, batch_size=1000, verbose=0)
    return float(np.mean((restored.astype("float64") - images) ** 2))


PLAN = Plan(
    recipe="완전 연결층 784-128-64-32-64-128-784, 렐루, Adam, 이진 교차 엔트로피, 배치 256, 50에포크",
    measure="테스트 평균 제곱 오차",
    quality=lambda v: mean_squared_error(v["autoencoder"], v["x_test"]),
    tolerance=0.0002,
    lower_is_better=True,
    dataset="fashion",
    data_cells=("setup", "load"),
    data=lambda v: ((v["images_all"], v["labels_all"]), (v["images_test"], v["y_test"])),
    title=fashion_title,
    cells=("build", "make-step", "train-functions", "main-shape"),
    epoch_function="train_epoch",
)
