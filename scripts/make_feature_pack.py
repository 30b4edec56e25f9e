"""사진의 특성 꾸러미(src/dlko/data/embedded/features/*.npz)를 만듭니다.

    python scripts/make_feature_pack.py 꾸러미이름 사진폴더

사진폴더에는 클래스마다 폴더가 하나씩 있습니다. 사진은 가운데를 정사각형으로 잘라 SIDE로 줄여 추출기에 넣습니다. 사진
자체는 꾸러미에 들어가지 않습니다.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
from PIL import Image, ImageOps

import dlko
from dlko.data.features import FOLDER, pack_bits
from dlko.data.photos import held_out_fifth
from dlko.models import lite0

SETS = {
    "flowers": {
        "title": "꽃 사진 다섯 가지",
        "source": "TensorFlow flower_photos(플리커 사용자들의 사진)를 192×192로 줄인 것",
        "licence": "CC BY 2.0",
        "side": 192,
        "names": {
            "daisy": "데이지",
            "dandelion": "민들레",
            "roses": "장미",
            "sunflowers": "해바라기",
            "tulips": "튤립",
        },
    },
    "scenes": {
        "title": "풍경 사진 여섯 가지",
        "source": "Intel Image Classification(Kaggle)을 128×128로 줄인 것",
        "licence": "밝히지 않음(연구와 교육에만 쓰고 사진은 나누지 않습니다)",
        "side": 128,
        "names": {
            "buildings": "건물",
            "forest": "숲",
            "glacier": "빙하",
            "mountain": "산",
            "sea": "바다",
            "street": "거리",
        },
    },
    "fruits": {
        "title": "돌아가는 과일 사진 열다섯 가지",
        "source": "Fruits-360(Horea Mureșan, Mihai Oltean, 2017)을 96×96으로 줄인 것",
        "licence": "MIT",
        "side": 96,
        "names": {
            "apple": "사과",
            "banana": "바나나",
            "cherry": "체리",
            "grape": "포도",
            "kiwi": "키위",
            "lemon": "레몬",
            "mango": "망고",
            "melon": "멜론",
            "orange": "오렌지",
            "peach": "복숭아",
            "pear": "배",
            "persimmon": "감",
            "pineapple": "파인애플",
            "strawberry": "딸기",
            "tomato": "토마토",
        },
    },
}
CREDIT = re.compile(r" CC-BY by (.+?) - https?://")


def read_photos(folder: Path, about: dict) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """사진 `(장수, side, side, 3)` uint8, 정답, 파일의 SHA-256."""
    images, labels, hashes = [], [], []
    for label, name in enumerate(about["names"]):
        for path in sorted((folder / name).glob("*.jpg")):
            hashes.append(hashlib.sha256(path.read_bytes()).hexdigest())
            with Image.open(path) as image:
                size = (about["side"], about["side"])
                images.append(np.asarray(ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), size)))
            labels.append(label)
    return np.stack(images), np.array(labels, np.uint8), hashes


def extract(images: np.ndarray) -> np.ndarray:
    module = hub.load(dlko.extractor_path())
    features = tf.function(lambda batch: module(batch, training=False))
    parts = [features(tf.constant(images[i : i + 64], tf.float32)) for i in range(0, len(images), 64)]
    return np.concatenate([part.numpy() for part in parts])


def credits(folder: Path) -> list[str]:
    """CREDITS.txt에 적힌, 사진을 찍은 사람들의 이름."""
    path = folder / "CREDITS.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return sorted(set(CREDIT.findall(text)), key=str.casefold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SETS)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    about = SETS[arguments.name]
    images, labels, hashes = read_photos(arguments.folder, about)
    codes, top = pack_bits(extract(images))
    described = {
        **about,
        "names": list(about["names"].values()),
        "extractor": f"EfficientNet-Lite0, 가중치 SHA-256 {lite0.WEIGHTS_SHA256}",
        "script": "scripts/make_feature_pack.py",
        "credits": credits(arguments.folder),
    }
    target = FOLDER / f"{arguments.name}.npz"
    FOLDER.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target,
        codes=codes,
        top=np.float32(top),
        labels=labels,
        test=held_out_fifth(hashes, labels),
        hashes=np.frombuffer(b"".join(bytes.fromhex(h[:8]) for h in hashes), np.uint8).reshape(-1, 4),
        about=np.frombuffer(json.dumps(described, ensure_ascii=False).encode(), np.uint8),
    )
    print(f"{target.name}: {len(labels):,}장, {target.stat().st_size / 1e6:.2f} MB, top {top:.3f}")


if __name__ == "__main__":
    main()
