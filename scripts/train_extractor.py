"""전이 학습 장에서 빌려 쓸 작은 특성 추출기를 CIFAR-10으로 훈련하고, 다시 쓸 수 있는 SavedModel로 저장합니다.

    python scripts/train_extractor.py --data cifar10_jpeg.zip --work 작업폴더
    python scripts/train_extractor.py --work 작업폴더 --export-only       # 마지막 체크포인트를 저장만 합니다.

`--data`를 빼면 Keras가 공식 CIFAR-10을 내려받습니다. 에포크마다 작업 폴더에 체크포인트와 기록을 남깁니다.
끝나면 src/dlko/models/cifar10_extractor/에 savedmodel.tar.xz와 card.json(훈련 기록)을 씁니다.
"""

import argparse
import datetime
import hashlib
import io
import json
import math
import os
import platform
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "src" / "dlko" / "models" / "cifar10_extractor"

# 폴더 이름의 차례(CIFAR-10의 정답 번호 차례)와 한국어 이름
CLASSES = {
    "airplane": "비행기",
    "automobile": "자동차",
    "bird": "새",
    "cat": "고양이",
    "deer": "사슴",
    "dog": "개",
    "frog": "개구리",
    "horse": "말",
    "ship": "배",
    "truck": "트럭",
}
MEAN, STD = (0.491, 0.482, 0.447), (0.247, 0.243, 0.262)  # CIFAR-10 훈련 세트의 빨강, 초록, 파랑
WIDTHS = (64, 128, 192)

Part = tuple[np.ndarray, np.ndarray]


# --- 데이터 ------------------------------------------------------------------------------------------------------


def read_zip(path: Path) -> tuple[Part, Part]:
    """`cifar10/{train,test}/클래스/번호.jpg` 꼴의 zip을 읽습니다. 사진은 `(장수, 32, 32, 3)` uint8."""
    parts: dict[str, tuple[list[np.ndarray], list[int]]] = {"train": ([], []), "test": ([], [])}
    names = list(CLASSES)
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".jpg"):
                continue
            _, part, label, _ = name.split("/")
            images, labels = parts[part]
            images.append(np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")))
            labels.append(names.index(label))
    train, test = ((np.stack(images), np.array(labels)) for images, labels in parts.values())
    return train, test


def read_data(path: Path | None) -> tuple[Part, Part]:
    if path is not None:
        return read_zip(path)
    (x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
    return (x_train, y_train.ravel()), (x_test, y_test.ravel())


# --- 모델 --------------------------------------------------------------------------------------------------------


def block(x: Any, width: int, momentum: float) -> Any:
    """합성곱과 최대 풀링으로 반으로 줄인 다음, 잔차 블록 하나를 더합니다."""
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=momentum)(x))
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
    y = layers.Activation("relu")(layers.BatchNormalization(momentum=momentum)(y))
    return layers.Add()([x, y])


def build(momentum: float = 0.99) -> tuple[keras.Model, keras.Model]:
    """(특성 추출기, 특성 추출기 + 머리). 입력은 [0, 1] 범위의 RGB 사진이며 크기는 자유입니다.

    `momentum`은 배치 정규화의 이동 평균이 앞의 값을 얼마나 남기는지입니다.
    """
    images = keras.Input((None, None, 3))
    variance = [value**2 for value in STD]
    x = layers.Normalization(mean=MEAN, variance=variance, dtype="float32")(images)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=momentum)(x))
    pooled = []
    for width in WIDTHS:
        x = block(x, width, momentum)
        pooled.append(layers.GlobalAveragePooling2D(dtype="float32")(x))
    # 머리는 마지막 블록만 봅니다. 추출기는 얕은 블록의 특성(색, 결)도 함께 내놓습니다.
    logits = layers.Dense(len(CLASSES), dtype="float32", name="head")(pooled[-1])
    features = layers.Concatenate(dtype="float32")(pooled)
    return keras.Model(images, features, name="extractor"), keras.Model(images, logits, name="classifier")


# --- 데이터 증강 -------------------------------------------------------------------------------------------------


def augment(images: tf.Tensor, side: int, strength: float) -> tf.Tensor:
    """좌우 뒤집기, 옮기기, 늘이고 줄이기를 한 번의 변환으로 해서 한 변이 `side`인 사진을 만들고, 밝기와 색을 바꿉니다.

    흑백 사진이나 크기가 다른 사진에서도 쓸 특성을 배우도록, 일부는 흑백으로 바꾸고 크기를 흔듭니다.
    `strength`가 0이면 크기는 그대로 두고 픽셀 단위로만 옮깁니다. 늘이고 줄인 사진은 흐릿해서, 마지막에는 또렷한
    사진에 맞추어야 합니다.
    """
    count, ratio = tf.shape(images)[0], 32 / side

    def uniform(low: float, high: float) -> tf.Tensor:
        return tf.random.uniform((count,), low, high)

    zoom = tf.exp(strength * uniform(-0.28, 0.18))  # 1보다 작으면 확대: 원본에서 더 작은 곳을 봅니다.
    stretch = tf.exp(strength * uniform(-0.08, 0.08))
    flip = tf.where(uniform(0.0, 1.0) < 0.5, -1.0, 1.0)
    a, e = ratio * zoom * stretch * flip, ratio * zoom / stretch
    middle, new_middle = (32 - 1) / 2, (side - 1) / 2
    slack = 3.0 + 5.0 * tf.abs(1 - zoom)
    right, down = uniform(-1.0, 1.0) * slack, uniform(-1.0, 1.0) * slack
    if strength == 0:
        right, down = tf.round(right), tf.round(down)
    c = middle - a * new_middle + right
    f = middle - e * new_middle + down
    zero = tf.zeros_like(a)
    images = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, zero, c, zero, e, f, zero, zero], axis=1),
        output_shape=[side, side],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )

    def each(values: tf.Tensor) -> tf.Tensor:
        return tf.reshape(values, (-1, 1, 1, 1))

    grey = tf.image.rgb_to_grayscale(images)
    images = tf.where(each(uniform(0.0, 1.0)) < 0.1 + 0.1 * strength, grey, images)
    contrast, brightness = each(1 + strength * uniform(-0.25, 0.25)), each(strength * uniform(-0.12, 0.12))
    return tf.clip_by_value((images - 0.5) * contrast + 0.5 + brightness, 0.0, 1.0)


# --- 훈련 --------------------------------------------------------------------------------------------------------


def accuracy(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    predict = tf.function(
        lambda batch: tf.argmax(model(batch, training=False), axis=1), reduce_retracing=True
    )
    right = 0
    for start in range(0, len(images), 1000):
        batch = tf.constant(images[start : start + 1000] / np.float32(255))
        right += int((predict(batch).numpy() == labels[start : start + 1000]).sum())
    return right / len(images)


def train(arguments: argparse.Namespace) -> None:
    if arguments.mixed:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    keras.utils.set_random_seed(arguments.seed)
    start = time.perf_counter()
    (x_train, y_train), (x_test, y_test) = read_data(arguments.data)
    if arguments.limit:
        x_train, y_train = (
            x_train[:: len(x_train) // arguments.limit],
            y_train[:: len(y_train) // arguments.limit],
        )
    print(f"데이터 {x_train.shape} {x_test.shape}: {time.perf_counter() - start:.0f}초", flush=True)

    _, model = build()
    steps = len(x_train) // arguments.batch
    total = steps * arguments.epochs
    main_part = keras.optimizers.schedules.CosineDecay(
        0.02, total - total // 6, alpha=0.001, warmup_target=arguments.rate, warmup_steps=total // 6
    )
    finish_part = keras.optimizers.schedules.CosineDecay(arguments.finish_rate, steps * arguments.finish)
    # 이어서 마무리만 할 때는 옵티마이저를 새로 시작합니다.
    schedule = finish_part if arguments.finish else main_part
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=arguments.decay)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    # 라벨 스무딩은 쓰지 않습니다. 자기 정확도는 오르지만 옮겨 쓸 특성은 나빠집니다(Kornblith 외, 2021).
    loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    images, labels = tf.constant(x_train), tf.constant(y_train, tf.int32)

    @tf.function
    def train_step(index: tf.Tensor, side: int, strength: float) -> tuple[tf.Tensor, tf.Tensor]:
        batch = augment(tf.cast(tf.gather(images, index), tf.float32) / 255.0, side, strength)
        answers = tf.gather(labels, index)
        with tf.GradientTape() as tape:
            logits = model(batch, training=True)
            loss = loss_function(answers, logits)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        right = tf.reduce_mean(tf.cast(tf.argmax(logits, 1, tf.int32) == answers, tf.float32))
        return loss, right

    print(f"파라미터 {model.count_params():,}개, 에포크 {arguments.epochs}, 스텝 {total:,}", flush=True)
    random, log, seconds = np.random.default_rng(arguments.seed), [], 0.0
    if arguments.finish:
        model.load_weights(arguments.work / "checkpoint.weights.h5")
        card = json.loads((arguments.work / "card.json").read_text("utf-8"))
        log, seconds = card["log"], card["log"][-1]["seconds"]
    first, last = len(log) + 1, len(log) + (arguments.finish or arguments.epochs)
    for epoch in range(first, last + 1):
        start = time.perf_counter()
        order = random.permutation(len(x_train))[: steps * arguments.batch].reshape(steps, -1)
        # 앞쪽 에포크는 작은 사진으로 빨리 배우고, 뒤쪽 에포크는 원래 크기로 마무리합니다.
        side = 24 if epoch <= 0.6 * arguments.epochs else 32
        strength = 0.0 if arguments.finish else 1.0
        results = [train_step(tf.constant(index), side, strength) for index in order]
        loss, right = np.mean([[float(a), float(b)] for a, b in results], axis=0)
        if not math.isfinite(loss):
            raise SystemExit("손실이 발산했습니다.")
        seconds += time.perf_counter() - start
        # 시험 정확도는 기록할 뿐, 에포크나 하이퍼파라미터를 고르는 데 쓰지 않습니다. 늘 마지막 체크포인트를 씁니다.
        row: dict[str, Any] = {
            "epoch": epoch,
            "side": side,
            "loss": round(float(loss), 4),
            "train_accuracy": round(float(right), 4),
            "seconds": round(seconds, 1),
        }
        if epoch % 3 == 0 or epoch == last:
            row["test_accuracy"] = round(accuracy(model, x_test, y_test), 4)
        log.append(row)
        print(row, flush=True)
        partial = arguments.work / "checkpoint.tmp.weights.h5"
        model.save_weights(partial)
        partial.replace(arguments.work / "checkpoint.weights.h5")
        card = describe(arguments, log, model.count_params())
        (arguments.work / "card.json").write_text(
            json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )


def describe(arguments: argparse.Namespace, log: list[dict[str, Any]], parameters: int) -> dict[str, Any]:
    data = {"title": "CIFAR-10", "train": 50000, "test": 10000}
    if arguments.data is not None:
        data |= {
            "sha256": hashlib.sha256(arguments.data.read_bytes()).hexdigest(),
            "note": "32×32 JPEG로 저장한 CIFAR-10",
        }
    return {
        "name": "cifar10_extractor",
        "data": data,
        "citation": 'A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.',
        "parameters": parameters,
        "device": f"CPU {os.cpu_count()}코어, {platform.machine()}",
        "precision": "mixed_bfloat16" if arguments.mixed else "float32",
        "date": datetime.date.today().isoformat(),
        "versions": f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}",
        "command": (
            f"python scripts/train_extractor.py --data cifar10_jpeg.zip --work 작업폴더 --epochs {arguments.epochs} "
            f"--batch {arguments.batch} --rate {arguments.rate} --decay {arguments.decay} --seed {arguments.seed}"
            + (" --mixed" if arguments.mixed else "")
            + (
                f" (이어서 같은 명령에 --finish {arguments.finish} --finish-rate {arguments.finish_rate})"
                if arguments.finish
                else ""
            )
        ),
        "log": log,
    }


# --- 저장 --------------------------------------------------------------------------------------------------------


def reusable(extractor: keras.Model, classifier: keras.Model) -> tf.train.Checkpoint:
    """TF Hub가 정한 '다시 쓸 수 있는 SavedModel' 꼴로 묶습니다.

    `module(images, training=False)`는 특성을, `module.classify(images)`는 CIFAR-10의 로짓을 돌려줍니다.
    `module.variables`와 `module.trainable_variables`는 float32이므로 얼리거나 이어서 훈련할 수 있습니다.
    """
    pictures = tf.TensorSpec((None, None, None, 3), tf.float32, name="images")

    @tf.function
    def call(images: tf.Tensor, training: bool = False) -> tf.Tensor:
        return extractor(images, training=training)

    module = tf.train.Checkpoint()
    module.variables = [variable.value for variable in extractor.variables]
    module.trainable_variables = [variable.value for variable in extractor.trainable_variables]
    module.regularization_losses = []
    module.head = [variable.value for variable in classifier.get_layer("head").variables]
    module.classify = tf.function(
        lambda images: classifier(images, training=False), input_signature=[pictures]
    )
    module.class_names = tf.function(lambda: tf.constant(list(CLASSES.values())), input_signature=[])
    for training in (True, False):
        call.get_concrete_function(pictures, training=training)
    module.__call__ = call
    return module


def export(arguments: argparse.Namespace, output: Path) -> None:
    """체크포인트를 반정밀도로 반올림해 저장합니다.

    변수는 float32로 두어야 미세 조정이 됩니다. 반올림한 값은 아래쪽 비트가 모두 0이라 압축하면 절반이 됩니다.
    """
    keras.mixed_precision.set_global_policy("float32")
    extractor, classifier = build(
        momentum=0.9
    )  # 이어서 훈련할 때는 스텝이 적으므로 이동 평균이 빨리 따라가게 합니다.
    classifier.load_weights(arguments.work / "checkpoint.weights.h5")
    for variable in classifier.variables:
        if variable.dtype == "float32":
            variable.assign(np.asarray(variable).astype(np.float16).astype(np.float32))
    card = json.loads((arguments.work / "card.json").read_text("utf-8"))
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        module = reusable(extractor, classifier)
        tf.saved_model.save(
            module, str(folder), options=tf.saved_model.SaveOptions(experimental_debug_stripper=True)
        )
        partial = output / "savedmodel.tar.xz.tmp"
        with tarfile.open(partial, "w:xz", preset=9) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                # 시각과 주인을 적지 않아, 같은 내용이면 같은 파일이 됩니다.
                info = tarfile.TarInfo(path.relative_to(folder).as_posix())
                info.size = path.stat().st_size
                archive.addfile(info, io.BytesIO(path.read_bytes()))
                print(f"  {info.name}: {info.size:,}바이트")
        partial.replace(output / "savedmodel.tar.xz")
    if arguments.data is not None:  # 반올림한 모델의 정확도가 기록에 남을 값입니다.
        _, (x_test, y_test) = read_data(arguments.data)
        card["stored_test_accuracy"] = round(accuracy(classifier, x_test, y_test), 4)
        print(f"저장한 모델의 테스트 정확도: {card['stored_test_accuracy']}")
    content = (output / "savedmodel.tar.xz").read_bytes()
    card["bytes"], card["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    (output / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"저장: {output} ({card['bytes']:,}바이트)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="CIFAR-10 JPEG zip. 없으면 공식 데이터를 내려받습니다.")
    parser.add_argument("--work", type=Path, required=True, help="체크포인트와 기록을 둘 폴더")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument(
        "--finish", type=int, default=0, help="체크포인트에서 이어, 약한 증강으로 마무리할 에포크"
    )
    parser.add_argument("--finish-rate", type=float, default=0.03, help="마무리를 시작할 때의 학습률")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=0.2, help="가장 높은 학습률")
    parser.add_argument("--decay", type=float, default=5e-3, help="가중치 감쇠(학습률이 곱해집니다)")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--limit", type=int, default=0, help="시험 삼아 돌릴 때 쓸 훈련 사진 수")
    parser.add_argument("--mixed", action="store_true", help="bfloat16으로 계산합니다(AMX가 있는 CPU, GPU).")
    parser.add_argument("--export-only", action="store_true")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if not arguments.export_only:
        train(arguments)
    export(arguments, arguments.output)


if __name__ == "__main__":
    main()
