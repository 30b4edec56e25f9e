"""다섯 가지 꽃 사진."""

from collections.abc import Mapping
from pathlib import Path

from dlko.data.photos import FLOWER_NAMES, read_photos
from dlko.data.spec import Data, DataSet, RemoteFile

ARCHIVE = "flower_photos.tgz"


def read_flowers(paths: Mapping[str, Path]) -> Data:
    """공식 꾸러미를 읽습니다. 사진은 `(장수, 128, 128, 3)` uint8이고 클래스마다 다섯에 하나가 테스트 세트입니다."""
    return read_photos(paths[ARCHIVE]).data


FLOWERS = DataSet(
    name="flowers",
    title="다섯 가지 꽃(TensorFlow flower photos)",
    source="The TensorFlow Team(사진마다 찍은 사람은 꾸러미의 LICENSE.txt)",
    licence="CC BY 2.0",
    citation='The TensorFlow Team, "Flowers", 2019.',
    homepage="https://www.tensorflow.org/datasets/catalog/tf_flowers",
    files=(
        RemoteFile(
            ARCHIVE,
            (f"https://storage.googleapis.com/download.tensorflow.org/example_images/{ARCHIVE}",),
            228_813_984,
            # TensorFlow Datasets가 알린 값입니다.
            "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        ),
    ),
    read=read_flowers,
    class_names=tuple(FLOWER_NAMES.values()),
    brought=(("flowers",), ("flowers*.zip",)),
)
