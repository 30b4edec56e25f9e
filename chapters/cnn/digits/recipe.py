"""합성곱 신경망으로 손글씨 숫자 분류하기."""

from course.benchmark.plan import Plan, accuracy, digits_title


def recipe(data, watch, batch_size=64, epochs=10, learning_rate=1e-3):
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
    x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255
    y_train = keras.utils.to_categorical(y_train, 10)

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    watch.quality = lambda: accuracy(model, x_test, y_test)
    model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, callbacks=[watch.callback()], verbose=0)


def larger_batch(data, watch):
    recipe(data, watch, batch_size=256)


def schedule(data, watch):
    import keras

    steps = 3 * -(-len(data[0][0]) // 256)
    recipe(data, watch, 256, 3, keras.optimizers.schedules.CosineDecay(3e-3, steps))


VARIANTS = {
    "batch": ("배치를 256으로", larger_batch),
    "schedule": ("배치 256에, 학습률을 코사인 곡선으로 줄이며 3에포크만", schedule),
}

PLAN = Plan(
    recipe="합성곱층 셋(32, 64, 64)과 완전 연결층 둘, Adam, 배치 64, 10에포크",
    measure="테스트 정확도",
    quality=lambda v: accuracy(v["model"], v["x_test"], v["y_test"]),
    tolerance=0.002,
    data_cells=("setup", "load"),
    data=lambda v: ((v["x_all"], v["y_all"]), (v["x_test_raw"], v["y_test"])),
    title=digits_title,
    cells=("split-code", "build", "settings-code"),
    checks_per_epoch=4,
)
