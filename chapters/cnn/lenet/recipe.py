"""LeNet-5로 사진 분류하기."""

from course.benchmark.plan import Plan, accuracy, fashion_title


def recipe(data, watch, epochs=5, rate=1e-3, center=0.0, spread=1.0, average=False):
    import keras
    import tensorflow as tf
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    x_train = (x_train.reshape(-1, 28, 28, 1).astype("float32") / 255 - center) / spread
    x_test = (x_test.reshape(-1, 28, 28, 1).astype("float32") / 255 - center) / spread
    y_train = keras.utils.to_categorical(y_train, 10)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(10_000).batch(128)

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(rate, use_ema=average, ema_momentum=0.98)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(model, x_test, y_test)
    callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if average else []
    model.fit(train, epochs=epochs, shuffle=False, callbacks=[*callbacks, watch.callback()], verbose=0)


def schedule(data, watch):
    import keras

    steps = 3 * -(-len(data[0][0]) // 128)
    recipe(data, watch, 3, keras.optimizers.schedules.CosineDecay(4e-3, steps))


def center(data, watch):
    x_train = data[0][0] / 255
    recipe(data, watch, center=x_train.mean(), spread=x_train.std())


def average(data, watch):
    recipe(data, watch, average=True)


VARIANTS = {
    "average": ("가중치의 이동 평균으로 답하기", average),
    "center": ("입력의 평균을 0, 표준편차를 1로", center),
    "schedule": ("학습률을 코사인 곡선으로 줄이며 3에포크만", schedule),
}

PLAN = Plan(
    recipe="LeNet-5, Adam, tf.data로 섞어 배치 128, 5에포크",
    measure="테스트 정확도",
    # 훈련하는 동안은 model, 가장 좋았던 순간을 되살린 다음은 best
    quality=lambda v: accuracy(v.get("best", v["model"]), v["x_test"], v["y_test"]),
    tolerance=0.005,
    dataset="fashion",
    data_cells=("setup", "load"),
    data=lambda v: ((v["x_all"], v["y_all"]), (v["test_images"], v["y_test"])),
    title=fashion_title,
    cells=("build-code", "overfit-folder", "final-setup"),
    checks_per_epoch=4,
)
