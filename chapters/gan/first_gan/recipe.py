"""train_on_batch를 번갈아 부르는 첫 GAN."""

import numpy as np

import dlko
from course.benchmark.plan import Plan, fashion_title


def build():
    import keras
    from keras import layers

    generator = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="selu"),
            layers.Dense(128, activation="selu"),
            layers.Dense(784, activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(128, activation="selu"),
            layers.Dense(64, activation="selu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    return generator, discriminator


def recipe(data, watch):
    import keras

    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    generator, discriminator = build()
    discriminator.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss="binary_crossentropy")
    discriminator.trainable = False  # 아래의 gan을 훈련할 때는 생성자만 배웁니다.
    gan = keras.Sequential([keras.Input((32,)), generator, discriminator])
    gan.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss="binary_crossentropy")

    rng = np.random.default_rng(np.random.randint(2**31))

    def noise(count):
        return rng.standard_normal((count, 32)).astype("float32")

    watch.quality = lambda: frechet_to_test(
        generator.predict(noise(5000), batch_size=1000, verbose=0), x_test
    )
    half_and_half = np.concatenate([np.zeros((128, 1)), np.ones((128, 1))]).astype("float32")
    real_label = np.ones((128, 1), "float32")
    for _ in range(20):
        order = rng.permutation(len(x_train))
        for start in range(0, len(order) - 127, 128):
            real = x_train[order[start : start + 128]]
            fake = generator(noise(128)).numpy()
            discriminator.trainable = True
            discriminator.train_on_batch(np.concatenate([fake, real]), half_and_half)
            discriminator.trainable = False
            gan.train_on_batch(noise(128), real_label)
            watch.step()
        watch.check()


def graph(data, watch):
    """같은 두 네트워크와 옵티마이저. 두 업데이트를 계산 그래프 하나로 엮습니다."""
    import keras
    import tensorflow as tf

    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    generator, discriminator = build()
    optimizers = [keras.optimizers.RMSprop(1e-3) for _ in range(2)]
    for optimizer, model in zip(optimizers, (discriminator, generator), strict=True):
        optimizer.build(model.trainable_variables)
    entropy = keras.losses.BinaryCrossentropy()
    half_and_half = tf.concat([tf.zeros((128, 1)), tf.ones((128, 1))], axis=0)

    def update(model, optimizer, loss):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            value = loss()
        optimizer.apply(tape.gradient(value, variables), variables)

    @tf.function
    def step(real):
        both = tf.concat([generator(tf.random.normal((128, 32))), real], axis=0)
        update(discriminator, optimizers[0], lambda: entropy(half_and_half, discriminator(both)))
        noise = tf.random.normal((128, 32))
        update(generator, optimizers[1], lambda: entropy(tf.ones((128, 1)), discriminator(generator(noise))))

    def samples():
        return generator.predict(keras.random.normal((5000, 32)), batch_size=1000, verbose=0)

    watch.quality = lambda: frechet_to_test(samples(), x_test)
    for _ in range(20):
        order = np.random.permutation(len(x_train))
        for start in range(0, len(order) - 127, 128):
            step(x_train[order[start : start + 128]])
            watch.step()
        watch.check()


VARIANTS = {"graph": ("두 업데이트를 계산 그래프 하나로", graph)}


def frechet_to_test(images, x_test):
    """만든 사진과 테스트 사진의 앞 5,000장이 판정용 분류기의 특성 공간에서 얼마나 다른지."""
    made = images[:5000].reshape(-1, 28, 28).astype("float32")
    real = x_test[:5000].reshape(-1, 28, 28).astype("float32") / 255
    return dlko.frechet_distance(dlko.judge_features(made), dlko.judge_features(real))


def distance(v):
    noise = np.random.default_rng(0).standard_normal((5000, 32)).astype("float32")
    made = v["average_generator"].predict(noise, batch_size=1000, verbose=0)
    return frechet_to_test(made, v["x_test"])


PLAN = Plan(
    recipe="생성자 32-64-128-784와 판별자 784-128-64-1, RMSprop, 배치 128, train_on_batch로 20에포크",
    measure="프레셰 거리(5,000장)",
    quality=distance,
    tolerance=2.0,
    lower_is_better=True,
    dataset="fashion",
    data_cells=("setup", "clothes"),
    data=lambda v: ((v["x_train"], v["y_train"]), (v["x_test"], v["y_test"])),
    title=fashion_title,
    cells=("loss", "compile-gan", "tools", "dense-models"),
    profile="quick",
    epoch_function="train_images",
)
