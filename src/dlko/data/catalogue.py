"""데이터 목록: 제목, 사용 허가, 인용, 공식 주소, 해시, 그리고 인터넷이 없을 때 쓰는 데이터.

데이터를 더하려면 읽는 함수 하나를 쓰고 `CATALOGUE`에 항목 하나를 더합니다.
"""

import gzip
import hashlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlko.data import photos, reviews
from dlko.data.errors import DataError
from dlko.data.formats import read_idx, read_mosaic, read_npz

EMBEDDED_FOLDER = Path(__file__).parent / "embedded"

Part = tuple[Any, Any]  # (입력, 정답)
Data = tuple[Part, Part]  # (훈련 세트, 테스트 세트)


@dataclass(frozen=True)
class RemoteFile:
    """공식 파일 하나. 해시는 둘 중 하나 이상 있어야 합니다."""

    filename: str
    urls: tuple[str, ...]
    size: int
    sha256: str = ""
    git_sha1: str = ""  # git이 파일 내용에 매기는 해시(blob). SHA-256이 공개되지 않은 저장소의 파일에 씁니다.
    md5: str = ""  # 만든 곳이 다른 해시를 알리지 않은 파일에만, 크기와 함께 씁니다.
    # gzip을 푼 내용의 해시와 크기. 같은 내용을 다시 압축한 파일(데비안 패키지 등)도 알아봅니다.
    content_sha256: str = ""
    content_size: int = 0

    def __post_init__(self) -> None:
        if not (self.sha256 or self.git_sha1 or self.md5):
            raise ValueError(f"{self.filename}: 해시가 없는 파일은 목록에 넣을 수 없습니다.")

    @property
    def digest(self) -> str:
        """이 파일의 내용을 대표하는 해시."""
        return self.content_sha256 or self.sha256 or self.git_sha1 or self.md5


@dataclass(frozen=True)
class Embedded:
    """인터넷 없이 쓰는 데이터. `title`과 `note`는 출처를 알리는 줄에 그대로 나오므로 무엇인지 정직하게 적습니다."""

    title: str
    note: str
    source: str
    licence: str
    load: Callable[[], Data]
    digest: Callable[[], str]  # 내용이 바뀌면 바뀌는 값


@dataclass(frozen=True)
class DataSet:
    """데이터 하나.

    `read`는 파일 이름과 확인을 마친 경로의 표를 받아 `((x_train, y_train), (x_test, y_test))`를 돌려줍니다.
    """

    name: str
    title: str
    source: str
    licence: str
    citation: str
    homepage: str
    files: tuple[RemoteFile, ...]
    read: Callable[[Mapping[str, Path]], Data]
    embedded: Embedded | None  # None이면 인터넷 없이는 쓸 수 없습니다.
    class_names: tuple[str, ...] = ()
    system_folders: tuple[str, ...] = ()  # 운영체제 패키지가 공식 파일을 두는 곳
    counter: str = "장"


def file_digest(*paths: Path) -> str:
    """파일들의 내용을 이어 붙인 SHA-256."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


# --- MNIST와 같은 꼴의 네 파일 -----------------------------------------------------------------------------------

IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
IDX_CONTENT_SIZES = (47_040_016, 60_008, 7_840_016, 10_008)


def read_idx_pairs(paths: Mapping[str, Path]) -> Data:
    """idx 파일 넷을 `((x_train, y_train), (x_test, y_test))`로 읽습니다. 모두 uint8입니다."""
    x_train, y_train, x_test, y_test = (read_idx(paths[name]) for name in IDX_NAMES)
    for images, labels in ((x_train, y_train), (x_test, y_test)):
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise DataError(f"사진 {images.shape}과 정답 {labels.shape}의 수가 맞지 않습니다.")
    return (x_train, y_train), (x_test, y_test)


def _idx_files(
    addresses: tuple[str, ...],
    sizes: tuple[int, ...],
    hashes: tuple[str, ...],
    content_hashes: tuple[str, ...],
) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(
            filename=name,
            urls=tuple(address + name for address in addresses),
            size=size,
            sha256=sha256,
            content_sha256=content,
            content_size=content_size,
        )
        for name, size, sha256, content, content_size in zip(
            IDX_NAMES, sizes, hashes, content_hashes, IDX_CONTENT_SIZES, strict=True
        )
    )


# --- 손글씨 숫자 -------------------------------------------------------------------------------------------------

SMALL, INNER, MARGIN = 8, 20, 4  # 8×8 → 20×20으로 늘리고, MNIST처럼 둘레에 4칸을 비워 28×28로 만듭니다.
KNOWN_DIGITS_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


def _digits_file() -> Path | None:
    """scikit-learn에 들어 있는 숫자 파일. sklearn을 불러오지 않고 찾습니다(불러오면 1초쯤 걸립니다)."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return path if path.is_file() else None


def _small_digits() -> tuple[np.ndarray, np.ndarray]:
    """8×8 숫자 1,797장(0..16)과 정답."""
    path = _digits_file()
    if path is not None and file_digest(path) == KNOWN_DIGITS_SHA256:
        table = np.array(
            gzip.decompress(path.read_bytes()).decode("ascii").replace("\n", ",").split(",")[:-1]
        )
        rows = table.astype(np.float64).astype(np.int64).reshape(-1, SMALL * SMALL + 1)
        return rows[:, :-1].reshape(-1, SMALL, SMALL), rows[:, -1]
    from sklearn.datasets import load_digits  # 파일의 자리나 꼴이 바뀐 판

    bunch = load_digits()
    return bunch.images.astype(np.int64), bunch.target.astype(np.int64)


def _stretch_weights() -> np.ndarray:
    """한 줄 8칸을 20칸으로 늘리는 3차 보간(Catmull–Rom) 가중치에 분모 2·40³을 곱한 정수 행렬 `(20, 8)`.

    정수로만 계산하므로 어느 기계, 어느 판에서나 한 픽셀도 다르지 않습니다.
    """
    unit = 2 * INNER  # 모든 표본점이 이 분모의 배수입니다.
    weights = np.zeros((INNER, SMALL), np.int64)
    for row in range(INNER):
        position = (2 * row + 1) * SMALL - INNER  # (row + 0.5)·8/20 − 0.5 를 unit 배 한 값
        left, t = divmod(position, unit)
        cubic = (
            -(t**3) + 2 * t**2 * unit - t * unit**2,
            3 * t**3 - 5 * t**2 * unit + 2 * unit**3,
            -3 * t**3 + 4 * t**2 * unit + t * unit**2,
            t**3 - t**2 * unit,
        )
        for offset, weight in zip(range(-1, 3), cubic, strict=True):
            weights[row, min(max(left + offset, 0), SMALL - 1)] += weight
    return weights


def enlarge_digits(small: np.ndarray) -> np.ndarray:
    """8×8 숫자(0..16)를 28×28 uint8(0..255)로 키웁니다.

    Args:
        small: `(장수, 8, 8)` 정수.

    Returns:
        `(장수, 28, 28)` uint8. 숫자는 가운데 20×20에 있고 둘레 4칸은 0입니다.
    """
    weights = _stretch_weights()
    scale = int(weights[0].sum()) ** 2 * 16
    stretched = np.einsum("ia,nab,jb->nij", weights, small.astype(np.int64), weights)
    pixels = np.clip((stretched * 255 * 2 + scale) // (2 * scale), 0, 255).astype(np.uint8)
    return np.pad(pixels, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))


def held_out_fifth(small: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """테스트 세트로 떼어 둘 다섯째 몫을 고릅니다. 참인 자리가 테스트 세트입니다.

    클래스마다 사진 내용의 SHA-256이 작은 차례로 다섯에 하나를 고릅니다. 난수를 쓰지 않으므로 라이브러리의 판이
    달라도, 사진의 차례가 달라도 같은 사진이 뽑힙니다. 내용이 똑같은 사진은 한쪽에 모입니다.
    """
    keys = np.array([hashlib.sha256(image.astype(np.uint8).tobytes()).hexdigest() for image in small])
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = round(len(members) / 5)
        held_out[members[np.argsort(keys[members], kind="stable")[:count]]] = True
    return held_out


def load_embedded_digits() -> Data:
    """scikit-learn에 든 손글씨 숫자. 훈련 세트 1,438장쯤, 테스트 세트 359장쯤, `(장수, 28, 28)` uint8."""
    small, labels = _small_digits()
    test = held_out_fifth(small, labels)
    images, answers = enlarge_digits(small), labels.astype(np.uint8)
    # 원래 차례는 쓴 사람 차례입니다. 뒤쪽을 검증 세트로 떼어도 치우치지 않도록 고정된 차례로 섞습니다.
    order = np.argsort(
        [hashlib.sha256(b"order" + image.tobytes()).hexdigest() for image in images], kind="stable"
    )
    train, held_out = order[~test[order]], order[test[order]]
    return (images[train], answers[train]), (images[held_out], answers[held_out])


def digits_digest() -> str:
    path = _digits_file()
    recipe = f"stretch {SMALL}-{INNER}-{MARGIN}, fifth by sha256"
    content = file_digest(path) if path is not None else "absent"
    return hashlib.sha256(f"{content} {recipe}".encode()).hexdigest()


DIGITS = DataSet(
    name="digits",
    title="MNIST",
    source="LeCun, Cortes, Burges",
    licence="CC BY-SA 3.0",
    citation='Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document '
    'Recognition", Proceedings of the IEEE 86(11), 1998.',
    homepage="http://yann.lecun.com/exdb/mnist/",
    files=_idx_files(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (9_912_422, 28_881, 1_648_877, 4_542),
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    read=read_idx_pairs,
    embedded=Embedded(
        title="UCI 손글씨 숫자",
        note="scikit-learn에 들어 있는 실제 손글씨로, 8×8을 28×28로 키웠습니다. MNIST가 아닙니다.",
        source="E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, 1998",
        licence="CC BY 4.0",
        load=load_embedded_digits,
        digest=digits_digest,
    ),
    class_names=tuple("0123456789"),
)


# --- Fashion-MNIST -----------------------------------------------------------------------------------------------

FASHION_IMAGES = EMBEDDED_FOLDER / "fashion_images.webp"
FASHION_LABELS = EMBEDDED_FOLDER / "fashion_labels.npz"


def load_embedded_fashion() -> Data:
    """Fashion-MNIST 부분집합. 클래스마다 훈련 세트 1,200장, 테스트 세트 200장, `(장수, 28, 28)` uint8."""
    labels = read_npz(FASHION_LABELS)
    y_train, y_test = labels["train"], labels["test"]
    images = read_mosaic(FASHION_IMAGES, len(y_train) + len(y_test))
    return (images[: len(y_train)].copy(), y_train), (images[len(y_train) :].copy(), y_test)


FASHION = DataSet(
    name="fashion",
    title="Fashion-MNIST",
    source="Zalando Research",
    licence="MIT",
    citation='H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine '
    'Learning Algorithms", arXiv:1708.07747, 2017.',
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    files=_idx_files(
        (
            # 발표한 곳이 알린 첫 주소는 http뿐입니다. 내용은 해시로 확인합니다.
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        (26_421_880, 29_515, 4_422_102, 5_148),
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    read=read_idx_pairs,
    embedded=Embedded(
        title="Fashion-MNIST 부분집합",
        note="dlko에 들어 있는 실제 데이터입니다.",
        source="Zalando Research",
        licence="MIT",
        load=load_embedded_fashion,
        digest=lambda: file_digest(FASHION_IMAGES, FASHION_LABELS),
    ),
    class_names=("티셔츠", "바지", "스웨터", "드레스", "코트", "샌들", "셔츠", "운동화", "가방", "앵클부츠"),
    system_folders=("/usr/share/datasets/fashion-mnist",),  # 데비안과 우분투의 dataset-fashion-mnist 패키지
)


# --- 영화평 ------------------------------------------------------------------------------------------------------

NSMC_COMMIT = "eafdd77e310f399a4d0083a58ade40b55a5a308d"

REVIEWS = DataSet(
    name="reviews",
    title="NSMC(네이버 영화평)",
    source="Lucy Park",
    licence="CC0 1.0",
    citation='L. Park, "Naver sentiment movie corpus v1.0", 2016.',
    homepage="https://github.com/e9t/nsmc",
    files=tuple(
        RemoteFile(
            filename=filename,
            urls=tuple(
                f"https://raw.githubusercontent.com/e9t/nsmc/{version}/{filename}"
                for version in (NSMC_COMMIT, "master")
            ),
            size=size,
            sha256=sha256,
            git_sha1=git_sha1,
        )
        for filename, size, sha256, git_sha1 in (
            (
                "ratings_train.txt",
                14_628_807,
                "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940",
                "ac0dba272895dc1d0b3dd5f11afbeaeb7abe7876",
            ),
            (
                "ratings_test.txt",
                4_893_335,
                "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda",
                "b6cfcd8cd1557bcd9bf06617b0e429ed73e9a367",
            ),
        )
    ),
    read=reviews.read_nsmc,
    embedded=Embedded(
        title="지어낸 한국어 영화평",
        note="이 강의를 위해 프로그램이 지어낸 글입니다. 실제 관람객이 쓴 영화평이 아닙니다.",
        source="이 강의",
        licence="MIT",
        load=reviews.load_made_up,
        digest=lambda: file_digest(Path(reviews.__file__)),
    ),
    class_names=("부정", "긍정"),
    counter="개",
)

KERAS_DATA = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

IMDB = DataSet(
    name="imdb",
    title="IMDB(영어 영화평)",
    source="Maas 외, Keras가 정수로 바꾼 파일",
    licence="연구용 공개 데이터(원저작권은 글쓴이)",
    citation='A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, "Learning Word Vectors for '
    'Sentiment Analysis", ACL, 2011.',
    homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
    files=(
        RemoteFile(
            filename="imdb.npz",
            urls=(KERAS_DATA + "imdb.npz",),
            size=17_464_789,
            sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        ),
        RemoteFile(
            filename="imdb_word_index.json",
            urls=(KERAS_DATA + "imdb_word_index.json",),
            size=1_641_221,
            md5="bfafd718b763782e994055a2d397834f",  # Keras가 알린 해시는 이것뿐입니다.
        ),
    ),
    read=reviews.read_imdb,
    embedded=None,
    class_names=("부정", "긍정"),
    counter="개",
)


# --- 사진 --------------------------------------------------------------------------------------------------------

FLOWERS = DataSet(
    name="flowers",
    title="다섯 가지 꽃(TensorFlow flower photos)",
    source="The TensorFlow Team(사진마다 찍은 사람은 꾸러미의 LICENSE.txt)",
    licence="CC BY 2.0",
    citation='The TensorFlow Team, "Flowers", 2019.',
    homepage="https://www.tensorflow.org/datasets/catalog/tf_flowers",
    files=(
        RemoteFile(
            filename="flower_photos.tgz",
            urls=("https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",),
            size=228_813_984,
            # TensorFlow Datasets가 알린 값입니다.
            sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        ),
    ),
    read=photos.read_flowers,
    embedded=None,
    class_names=tuple(photos.FLOWERS.values()),
)


CATALOGUE: dict[str, DataSet] = {entry.name: entry for entry in (DIGITS, FASHION, REVIEWS, IMDB, FLOWERS)}
