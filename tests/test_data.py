"""데이터 목록과 불러오기: 차례, 알리는 줄, 들어 있는 데이터, 미리 받기."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from data_server import TEST, TRAIN, FaultServer, not_found, tiny_dataset, tiny_files

from dlko import data
from dlko.data import catalogue, fetch
from dlko.data.catalogue import CATALOGUE, FASHION, IDX_NAMES

SUBSET_SHA256 = "0065ed5f9f2d2f512ebf7a3d6bebdcb96656db1de81926291197401d8592a015"
DIGITS_SHA256 = "8e3bbe1ae64092938f4606ced99af73621382c1d8ac9e27f5ee53fc34d3f41d5"
CATALOGUE_SHA256 = "da86eff5ba7c2c4fa5505cea85ecaec5c98095e3cd6878a2ef8a8a927cd03409"
NOWHERE = "http://127.0.0.1:9/"  # 아무도 듣지 않는 포트


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DLKO_DATA", "DLKO_DATA_DIR", "DLKO_NETWORK", "DLKO_OUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(data, "_last_source", {})


@pytest.fixture
def server():
    server = FaultServer()
    yield server
    server.close()


def use(monkeypatch: pytest.MonkeyPatch, *datasets: catalogue.DataSet) -> None:
    monkeypatch.setattr(data, "CATALOGUE", {dataset.name: dataset for dataset in datasets})


def write_files(folder: Path, contents: dict[str, bytes] | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (contents or tiny_files()).items():
        (folder / name).write_bytes(content)


def content_sha256(loaded) -> str:
    (x_train, y_train), (x_test, y_test) = loaded
    parts = (x_train, y_train, x_test, y_test)
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


# --- 목록 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", CATALOGUE.values(), ids=CATALOGUE)
def test_catalogue_entry_is_complete(dataset: catalogue.DataSet) -> None:
    for text in (dataset.title, dataset.source, dataset.licence, dataset.citation, dataset.homepage):
        assert text.strip()
    if dataset.embedded is not None:
        assert dataset.embedded.title and dataset.embedded.note and dataset.embedded.licence
    assert dataset.files and len({file.filename for file in dataset.files}) == len(dataset.files)
    for file in dataset.files:
        assert Path(file.filename).name == file.filename
        assert file.urls and all(re.match(r"https?://[^/]+/", url) for url in file.urls)
        assert file.size > 0
        assert re.fullmatch(r"[0-9a-f]{64}|", file.sha256) and re.fullmatch(r"[0-9a-f]{40}|", file.git_sha1)
        assert file.digest


def test_hashes_of_the_catalogue_did_not_change() -> None:
    """공식 파일의 해시는 바뀌지 않습니다. 인터넷 없이는 다른 검사가 틀린 해시를 알아볼 수 없어 통째로 적어 둡니다."""
    lines = [
        f"{name} {f.filename} {f.size} {f.sha256} {f.git_sha1} {f.md5} {f.content_sha256} {f.content_size}"
        for name, dataset in CATALOGUE.items()
        for f in dataset.files
    ]
    lines.append(catalogue.KNOWN_DIGITS_SHA256)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert digest == CATALOGUE_SHA256, (
        "데이터 목록의 해시나 크기가 바뀌었습니다. 일부러 바꾸었다면 `make data DIR=폴더`로 모두 내려받아 확인한 다음 "
        f"CATALOGUE_SHA256을 고치세요: {digest}"
    )


def test_a_file_without_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="해시"):
        catalogue.RemoteFile("a.gz", ("https://example.org/a.gz",), size=1)


# --- 들어 있는 데이터 ----------------------------------------------------------------------------------------------


def test_embedded_fashion_is_the_documented_subset(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    monkeypatch.setenv("DLKO_DATA", "embedded")
    (x_train, y_train), (x_test, y_test) = loaded = data.load_data("fashion")
    assert (x_train.shape, x_test.shape) == ((12_000, 28, 28), (2_000, 28, 28))
    assert {part.dtype for part in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [1_200] * 10 and np.bincount(y_test).tolist() == [200] * 10
    assert content_sha256(loaded) == SUBSET_SHA256
    # 뒤쪽을 검증 세트로 떼어도 열 클래스가 고루 들어 있어야 합니다.
    assert np.bincount(y_train[-1_200:], minlength=10).min() > 60
    out, err = capfd.readouterr()
    assert err == "" and out.count("\n") == 1
    assert "Fashion-MNIST 부분집합(훈련 12,000장, 테스트 2,000장)" in out and "사용 허가: MIT" in out


def test_embedded_fashion_comes_from_the_official_files() -> None:
    found = fetch.local_files(FASHION)
    if not found.covers(FASHION):
        pytest.skip("이 컴퓨터에 Fashion-MNIST 공식 파일이 없습니다.")
    (x_train, y_train), (x_test, y_test) = FASHION.read(found.paths)
    (a, b), (c, d) = FASHION.embedded.load()
    for images, labels, chosen, answers, count in (
        (x_train, y_train, a, b, 1_200),
        (x_test, y_test, c, d, 200),
    ):
        first = np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in range(10)]))
        assert np.array_equal(images[first], chosen) and np.array_equal(labels[first], answers)


def test_embedded_digits_are_fixed_and_honest(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    monkeypatch.setenv("DLKO_DATA", "embedded")
    (x_train, y_train), (x_test, y_test) = loaded = data.load_data("digits")
    assert x_train.shape == (1_438, 28, 28) and x_test.shape == (359, 28, 28)
    assert {part.dtype for part in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert content_sha256(loaded) == DIGITS_SHA256
    out, err = capfd.readouterr()
    assert err == "" and out.count("\n") == 1 and "MNIST가 아닙니다" in out and "UCI" in out


def test_held_out_fifth_is_stratified_and_apart() -> None:
    small, labels = catalogue._small_digits()
    test = catalogue.held_out_fifth(small, labels)
    share = np.bincount(labels[test]) / np.bincount(labels)
    assert np.all(np.abs(share - 0.2) < 0.005)
    seen = {image.tobytes() for image in small[~test]}
    assert not any(image.tobytes() in seen for image in small[test])
    # 사진의 차례가 달라져도 같은 사진이 뽑힙니다.
    backwards = catalogue.held_out_fifth(small[::-1], labels[::-1])
    assert np.array_equal(backwards[::-1], test)


def test_small_digits_equal_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    small, labels = catalogue._small_digits()
    bunch = load_digits()
    assert np.array_equal(small, bunch.images) and np.array_equal(labels, bunch.target)


def test_enlarging_keeps_flat_areas_and_places() -> None:
    flat = catalogue.enlarge_digits(np.full((1, 8, 8), 16))
    assert (flat[0, 4:24, 4:24] == 255).all() and flat[0, :4].max() == 0 and flat[0, :, 24:].max() == 0
    dot = np.zeros((1, 8, 8), int)
    dot[0, 1, 6] = 16
    row, column = np.unravel_index(catalogue.enlarge_digits(dot)[0].argmax(), (28, 28))
    # 8칸 가운데 1번 칸의 중심(1.5/8)은 20칸에서 3.75, 6번 칸의 중심(6.5/8)은 16.25에 옵니다.
    assert (row - 4, column - 4) in {(3, 16), (3, 15), (4, 16)}


# --- 차례와 알리는 줄 --------------------------------------------------------------------------------------------


def test_order_of_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FaultServer, capfd) -> None:
    dataset = replace(tiny_dataset([server.address]), system_folders=(str(tmp_path / "system"),))
    use(monkeypatch, dataset)

    def load() -> str:
        data.load_data("fashion")
        return capfd.readouterr().out.splitlines()[-1]

    assert "방금 받은 파일" in load()  # 아무 데도 없으면 받습니다.
    assert "받아 둔 파일" in load()
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    write_files(tmp_path / "system")
    assert "운영체제 패키지" in load()
    (tmp_path / "elsewhere").rename(tmp_path / "cache")
    assert "받아 둔 파일" in load()  # 캐시가 운영체제 패키지보다 먼저입니다.
    write_files(tmp_path / "mine" / "fashion")
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path / "mine"))
    assert "DLKO_DATA_DIR 폴더" in load()
    assert len(server.requests) == len(IDX_NAMES)  # 서버에는 처음 한 번만 물었습니다.
    assert data.data_source("fashion") == "official"
    monkeypatch.setenv("DLKO_DATA", "embedded")
    assert "부분집합" in load() and data.data_source("fashion") == "embedded"


def test_official_line_and_arrays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    write_files(tmp_path / "cache" / "fashion")
    (x_train, y_train), (x_test, y_test) = data.load_data("fashion")
    out, err = capfd.readouterr()
    assert out == (
        f"데이터: Fashion-MNIST 전체(훈련 {TRAIN}장, 테스트 {TEST}장). 공식 데이터입니다(받아 둔 파일). "
        "출처: Zalando Research. 사용 허가: MIT\n"
    )
    assert err == ""
    assert x_train.shape == (TRAIN, 28, 28) and x_test.shape == (TEST, 28, 28)
    assert y_train.tolist() == list(range(10)) * 6 and y_test.tolist() == list(range(10)) * 2
    x_train[0] = 0  # 마음대로 고칠 수 있는 배열입니다.


def test_recompressed_official_files_are_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """데비안 패키지처럼 내용은 같고 압축만 다시 한 파일, 압축을 풀어 둔 파일."""
    use(monkeypatch, tiny_dataset([NOWHERE]))
    plain = {name: gzip.decompress(content) for name, content in tiny_files().items()}
    again = {name: gzip.compress(content, compresslevel=1, mtime=1) for name, content in plain.items()}
    assert again[IDX_NAMES[1]] != tiny_files()[IDX_NAMES[1]]
    for contents in (again, plain):
        write_files(tmp_path / "cache" / "fashion", contents)
        data.load_data("fashion")
        assert data.data_source("fashion") == "official"


def test_git_blob_hash(tmp_path: Path) -> None:
    path = tmp_path / "hello.txt"
    path.write_bytes(b"hello\n")
    # git hash-object hello.txt
    file = catalogue.RemoteFile(
        "hello.txt", (NOWHERE,), 6, git_sha1="ce013625030ba8dba906f756967f9e9ca394464a"
    )
    assert fetch.is_intact(path, file)
    path.write_bytes(b"hellO\n")
    assert not fetch.is_intact(path, file)


def test_bad_settings_are_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(data.DataError, match=r"모르는 데이터.*digits"):
        data.load_data("mnist")
    with pytest.raises(data.DataError, match="먼저"):
        data.data_source("fashion")
    monkeypatch.setenv("DLKO_DATA", "offcial")
    for call in (lambda: data.load_data("fashion"), data.resolve_all, data.prefetch):
        with pytest.raises(data.DataError, match=r"DLKO_DATA.*offcial.*auto, official, embedded"):
            call()


def test_missing_data_folder_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path / "없는 폴더"))
    data.load_data("fashion")
    out, err = capfd.readouterr()
    assert "DLKO_DATA_DIR 폴더가 없습니다" in out and "부분집합" in out.splitlines()[-1] and err == ""


def test_source_is_recorded_for_the_run_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    records = []
    monkeypatch.setattr(data, "record", lambda key, entry: records.append((key, entry)))
    monkeypatch.setenv("DLKO_DATA", "embedded")
    data.load_data("digits")
    [(key, entry)] = records
    assert key == "data" and entry["name"] == "digits" and entry["source"] == "embedded"
    assert entry["line"].startswith("데이터: UCI") and re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])


def test_readers_own_files_are_announced(capfd) -> None:
    pair = (np.zeros(3), np.zeros(3)), (np.zeros(2), np.zeros(2))
    assert data.announce_own("fashion", "내옷.tsv", "00", pair) is pair
    assert capfd.readouterr().out == "데이터: 직접 가져온 파일 내옷.tsv(훈련 3장, 테스트 2장).\n"
    assert data.data_source("fashion") == "user"


# --- 빌드가 쓰는 것 ----------------------------------------------------------------------------------------------


def test_resolve_all_follows_what_would_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    embedded = data.resolve_all()["fashion"]
    assert (embedded.source, embedded.origin) == ("embedded", "package")
    write_files(tmp_path / "cache" / "fashion")
    official = data.resolve_all()["fashion"]
    assert (official.source, official.origin) == ("official", "cache") and official.digest != embedded.digest
    assert data.resolve_all()["fashion"] == official
    # 확인한 뒤에 상한 파일도 알아챕니다.
    path = tmp_path / "cache" / "fashion" / IDX_NAMES[0]
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)
    os.utime(path, ns=(1, 1))
    assert data.resolve_all()["fashion"] == embedded
    monkeypatch.setenv("DLKO_DATA", "official")
    assert data.resolve_all()["fashion"].origin == "download"


def test_resolve_all_sees_files_that_the_reader_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path / "mine"))
    seen = [data.resolve_all()]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "리뷰.tsv").write_text("id", encoding="utf-8")
    seen.append(data.resolve_all())
    (tmp_path / "mine" / "리뷰.tsv").write_text("id2", encoding="utf-8")
    seen.append(data.resolve_all())
    assert len({info["DLKO_DATA_DIR"].digest for info in seen}) == 3


def test_resolve_all_does_not_import_tensorflow() -> None:
    code = (
        "import sys; from dlko import data; data.resolve_all();"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'requests'} & set(sys.modules)))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(data.__file__).parents[2]), "DLKO_DATA": "embedded"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]" and done.stderr == ""


def test_prefetch_then_notebooks_need_no_network(
    monkeypatch: pytest.MonkeyPatch, server: FaultServer
) -> None:
    use(monkeypatch, tiny_dataset([server.address]))
    assert data.prefetch()["fashion"].source == "official"
    monkeypatch.setenv("DLKO_NETWORK", "off")
    data.load_data("fashion")
    assert data.data_source("fashion") == "official" and len(server.requests) == len(IDX_NAMES)


def test_prefetch_official_tries_everything(monkeypatch: pytest.MonkeyPatch, server: FaultServer) -> None:
    monkeypatch.setattr(fetch, "STUBBORN", replace(fetch.STUBBORN, rounds=1))
    broken = replace(tiny_dataset([NOWHERE]), name="broken", title="고장")
    use(monkeypatch, broken, tiny_dataset([server.address]))
    monkeypatch.setenv("DLKO_DATA", "official")
    with pytest.raises(data.DataError, match="고장 공식 데이터를"):
        data.prefetch()
    assert len(server.requests) == len(IDX_NAMES)


def test_download_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FaultServer, capfd) -> None:
    monkeypatch.setattr(fetch, "STUBBORN", replace(fetch.STUBBORN, rounds=1))
    use(monkeypatch, tiny_dataset([server.address]))
    server.answers[IDX_NAMES[0]] = not_found
    folder = tmp_path / "교실 데이터"
    assert not data.download_all(folder)
    out, err = capfd.readouterr()
    assert err == "" and f"실패: {IDX_NAMES[0]}" in out and "HTTP 404" in out
    assert "파일 4개 가운데 3개" in out and "이어서 받습니다" in out  # 하나가 안 되어도 나머지는 받습니다.
    # 다음 번에는 받지 못한 것과 상한 것만 다시 받습니다.
    server.repair()
    server.requests.clear()
    (folder / "fashion" / IDX_NAMES[3]).write_bytes(b"broken")
    assert data.download_all(folder)
    out = capfd.readouterr().out
    assert server.requests == [IDX_NAMES[0], IDX_NAMES[3]]
    assert out.count("이미 있음") == 2 and out.count("받음:") == 2 and "DLKO_DATA_DIR" in out
    # 받은 폴더만 있으면 인터넷 없이 공식 데이터가 됩니다.
    monkeypatch.setenv("DLKO_NETWORK", "off")
    monkeypatch.setenv("DLKO_DATA", "official")
    monkeypatch.setenv("DLKO_DATA_DIR", str(folder))
    data.load_data("fashion")
    assert sorted(path.name for path in (folder / "fashion").iterdir()) == sorted(IDX_NAMES)


def test_download_all_copies_what_this_computer_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    write_files(tmp_path / "cache" / "fashion")
    assert data.download_all(tmp_path / "copy")
    assert capfd.readouterr().out.count("이 컴퓨터에서 복사") == 4


def test_download_all_into_an_impossible_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    use(monkeypatch, tiny_dataset([NOWHERE]))
    (tmp_path / "file").write_text("")
    assert not data.download_all(tmp_path / "file")
    out, err = capfd.readouterr()
    assert err == "" and "쓸 수 없습니다" in out and "파일 4개 가운데 0개" in out


# --- 진짜 공식 파일 ----------------------------------------------------------------------------------------------


def test_official_mnist_test_files() -> None:
    """공식 MNIST의 테스트 파일 둘이 있는 폴더를 DLKO_TEST_MNIST로 알려 주면 목록의 해시를 확인합니다."""
    folder = os.environ.get("DLKO_TEST_MNIST")
    if not folder:
        pytest.skip("DLKO_TEST_MNIST가 없습니다.")
    files = {file.filename: file for file in catalogue.DIGITS.files}
    images, labels = (Path(folder) / name for name in IDX_NAMES[2:])
    assert fetch.is_intact(images, files[images.name]) and fetch.is_intact(labels, files[labels.name])
    pictures, answers = catalogue.read_idx(images), catalogue.read_idx(labels)
    assert pictures.shape == (10_000, 28, 28) and answers.tolist()[:5] == [7, 2, 1, 0, 4]
