"""데이터 목록과 불러오기: 차례, 알리는 줄, 들어 있는 데이터, 미리 받기."""

import ast
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
from dlko.data import CATALOGUE, fetch, load
from dlko.data.constitution import load_constitution
from dlko.data.sets.mnist_format import IDX_NAMES
from dlko.data.spec import DataSet, RemoteFile
from dlko.provenance import content_hash
from scripts.make_constitution import clauses
from scripts.make_mosaics import some_of_each_class

ROOT = Path(__file__).parents[1]
LAYERS = (
    "spec",
    "constitution",
    "formats",
    "fetch",
    "tables",
    "photos",
    "prices",
    "own",
    "sets",
    "load",
    "features",
    "__init__",
)  # 앞의 것만 불러옵니다.
CATALOGUE_SHA256 = "4b0ce15e5a39336a8708dfdc53fd369f7c5d931f044e5427f00dc2bfead6784d"
NOWHERE = "http://127.0.0.1:9/"  # 아무도 듣지 않는 포트


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DLKO_DATA", "DLKO_DATA_DIR", "DLKO_NETWORK", "DLKO_OUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(load, "_last_source", {})


@pytest.fixture
def server():
    server = FaultServer()
    yield server
    server.close()


def use(monkeypatch: pytest.MonkeyPatch, *datasets: DataSet) -> None:
    monkeypatch.setattr(load, "CATALOGUE", {dataset.name: dataset for dataset in datasets})


def write_files(folder: Path, contents: dict[str, bytes] | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (contents or tiny_files()).items():
        (folder / name).write_bytes(content)


# --- 목록 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", CATALOGUE.values(), ids=CATALOGUE)
def test_catalogue_entry_is_complete(dataset: DataSet) -> None:
    for text in (dataset.title, dataset.source, dataset.licence, dataset.citation, dataset.homepage):
        assert text.strip()
    if dataset.embedded is not None:
        assert dataset.embedded.title and dataset.embedded.note and dataset.embedded.licence
    assert dataset.files and len({file.filename for file in dataset.files}) == len(dataset.files)
    for file in dataset.files:
        assert Path(file.filename).name == file.filename
        assert file.urls and all(re.match(r"https?://[^/]+/", url) for url in file.urls)
        assert file.size > 0 and re.fullmatch(r"[0-9a-f]{64}|md5:[0-9a-f]{32}", file.known_hash)


def test_hashes_of_the_catalogue_did_not_change() -> None:
    """공식 파일의 해시는 바뀌지 않습니다. 인터넷 없이는 다른 검사가 틀린 해시를 알아볼 수 없어 통째로 적어 둡니다."""
    lines = [
        f"{name} {dataset.content_hash} {f.filename} {f.size} {f.known_hash} {f.content_sha256} {f.content_size}"
        for name, dataset in CATALOGUE.items()
        for f in dataset.files
    ]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert digest == CATALOGUE_SHA256, (
        "데이터 목록의 해시나 크기가 바뀌었습니다. 일부러 바꾸었다면 `make data DIR=폴더`로 모두 내려받아 확인한 다음 "
        f"CATALOGUE_SHA256을 고치세요: {digest}"
    )


def test_a_file_without_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="해시"):
        RemoteFile("a.gz", ("https://example.org/a.gz",), size=1, known_hash="")


def test_readme_table_says_what_the_catalogue_says() -> None:
    readme, rows = (ROOT / "README.md").read_text(encoding="utf-8"), []
    for entry in CATALOGUE.values():
        inside, shown = "없음. 공식 파일을 내려받습니다.", entry.embedded
        if shown and shown.source == entry.source:
            inside = "공식 파일에서 고른 일부"
        elif shown:
            rows.append(f"| {shown.title} | {shown.source} | 모두 | {shown.licence} |")
        rows.append(f"| {entry.title} | {entry.source} | {inside} | {entry.licence} |")
    missing = [row for row in rows if row not in readme]
    assert not missing, "README.md의 데이터 표에 넣으세요:\n" + "\n".join(missing)


def test_modules_import_only_what_stands_below_them() -> None:
    """둥근 불러오기가 없고, 그것을 감추려고 함수 안에서 불러오는 것도 없습니다."""
    package = Path(data.__file__).parent
    for path in package.rglob("*.py"):
        layer = LAYERS.index(path.relative_to(package).parts[0].removesuffix(".py"))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        for node in imports:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = [name.split(".")[2] for name in names if name.startswith("dlko.data.")]
            below = {*LAYERS[:layer], "sets"} if LAYERS[layer] == "sets" else set(LAYERS[:layer])
            assert set(ours) - {"CATALOGUE"} <= below, f"{path.name}: {names}"
            if (node.module or "").startswith("dlko"):
                assert node in tree.body, f"{path.name} {node.lineno}째 줄: 함수 안에서 불러옵니다."


# --- 들어 있는 데이터 ----------------------------------------------------------------------------------------------


def flat(loaded) -> list[np.ndarray]:
    return [array for part in loaded for array in part]


@pytest.mark.parametrize("name", [name for name, dataset in CATALOGUE.items() if dataset.embedded])
def test_embedded_data_have_the_hash_in_the_catalogue(name: str) -> None:
    assert content_hash(*flat(CATALOGUE[name].embedded.load())) == CATALOGUE[name].embedded.content_hash


@pytest.mark.parametrize(
    ("name", "title", "licence"),
    [("digits", "MNIST", "CC BY-SA 3.0"), ("fashion", "Fashion-MNIST", "MIT")],
)
def test_embedded_pictures_are_the_documented_subset(
    name: str, title: str, licence: str, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    monkeypatch.setenv("DLKO_DATA", "embedded")
    (x_train, y_train), (x_test, y_test) = loaded = data.load_data(name)
    assert (x_train.shape, x_test.shape) == ((12_000, 28, 28), (2_000, 28, 28))
    assert {part.dtype for part in flat(loaded)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [1_200] * 10 and np.bincount(y_test).tolist() == [200] * 10
    # 뒤쪽을 검증 세트로 떼어도 열 클래스가 고루 들어 있어야 합니다.
    assert np.bincount(y_train[-1_200:], minlength=10).min() > 60
    x_train[0] = 0  # 마음대로 고칠 수 있는 배열입니다.
    out, err = capfd.readouterr()
    assert err == "" and out.count("\n") == 1
    assert f"{title} 부분집합(훈련 12,000장, 테스트 2,000장)" in out and f"사용 허가: {licence}" in out


@pytest.mark.parametrize("name", ["digits", "fashion"])
def test_official_files_of_this_computer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """공식 파일이 있으면 목록의 해시가 맞는지, 들어 있는 부분집합이 거기서 나왔는지 봅니다."""
    monkeypatch.delenv("DLKO_CACHE_DIR")
    found = fetch.local_files(CATALOGUE[name])
    if not found.covers(CATALOGUE[name]):
        pytest.skip("이 컴퓨터에 공식 파일이 없습니다.")
    (x_train, y_train), (x_test, y_test) = CATALOGUE[name].read(found.paths)
    assert content_hash(x_train, y_train, x_test, y_test) == CATALOGUE[name].content_hash
    (a, b), (c, d) = CATALOGUE[name].embedded.load()
    for images, labels, chosen, answers, count in (
        (x_train, y_train, a, b, 1_200),
        (x_test, y_test, c, d, 200),
    ):
        rows = some_of_each_class(labels, count, evenly=name == "digits")
        assert np.array_equal(images[rows], chosen) and np.array_equal(labels[rows], answers)


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


def test_files_with_only_an_md5_are_known(tmp_path: Path) -> None:
    path = tmp_path / "hello.txt"
    path.write_bytes(b"hello\n")
    file = RemoteFile("hello.txt", (NOWHERE,), 6, "md5:b1946ac92492d2347c6235b4d2611184")
    assert fetch.is_intact(path, file)
    path.write_bytes(b"hellO\n")
    assert not fetch.is_intact(path, file)


def test_bad_settings_are_clear(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"모르는 데이터.*digits"):
        data.load_data("mnist")
    with pytest.raises(data.DataError, match="먼저"):
        data.data_source("fashion")
    monkeypatch.setenv("DLKO_DATA", "offcial")
    doors = [lambda name=name: data.load_data(name) for name in (*CATALOGUE, tmp_path, ("a.tsv", "b.tsv"))]
    for call in (*doors, data.resolve_all, data.prefetch):
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
    monkeypatch.setattr(load, "record", lambda key, entry: records.append((key, entry)))
    monkeypatch.setenv("DLKO_DATA", "embedded")
    data.load_data("digits")
    [(key, entry)] = records
    assert key == "data" and entry["name"] == "digits" and entry["source"] == "embedded"
    assert entry["line"].startswith("데이터: MNIST 부분집합(")
    assert entry["sha256"] == CATALOGUE["digits"].embedded.content_hash


def test_official_data_are_recorded_by_their_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """해시를 미리 알 수 없는 공식 데이터는 불러온 배열로 구합니다. 압축이 달라도 같습니다."""
    records = []
    monkeypatch.setattr(load, "record", lambda key, entry: records.append(entry["sha256"]))
    use(monkeypatch, tiny_dataset([NOWHERE]))
    for pack in (lambda content: content, gzip.decompress):
        write_files(tmp_path / "cache" / "fashion", {n: pack(c) for n, c in tiny_files().items()})
        loaded = data.load_data("fashion")
    assert records == [content_hash(*flat(loaded))] * 2


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
    assert data.resolve_all()["fashion"] == embedded
    monkeypatch.setenv("DLKO_DATA", "official")
    assert data.resolve_all()["fashion"].origin == "download"


def test_resolve_all_sees_files_that_the_reader_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """가져온 파일은 그 데이터의 항목만, 목록에 없는 파일은 DLKO_DATA_DIR 항목만 바꿉니다."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("DLKO_DATA_DIR", str(folder))
    monkeypatch.setenv("DLKO_NETWORK", "off")

    def changed() -> set[str]:
        nonlocal before
        before, old = data.resolve_all(), before
        return {name for name in before if old.get(name) != before[name]}

    before = data.resolve_all()
    folder.mkdir()
    (folder / "주가.csv").write_text("날짜", encoding="utf-8")
    assert changed() == {"DLKO_DATA_DIR"}
    (folder / "주가.csv").write_text("날짜,종가", encoding="utf-8")
    (folder / "끊긴 링크").symlink_to(folder / "없음")
    assert changed() == {"DLKO_DATA_DIR"}
    for part in ("train", "test"):
        (folder / f"내_reviews_{part}.tsv").write_text("id", encoding="utf-8")
    assert changed() == {"reviews"} and before["reviews"].source == "user"
    (folder / "내_reviews_test.tsv").write_text("id2", encoding="utf-8")
    assert changed() == {"reviews"}
    (folder / "flowers" / "rose").mkdir(parents=True)
    assert changed() == {"flowers"}
    # 공식 파일이 있는 컴퓨터에서는 그 데이터도 내장 데이터로 바뀝니다.
    others = {name for name, found in before.items() if getattr(found, "source", "") == "official"}
    monkeypatch.setenv("DLKO_DATA", "embedded")
    assert changed() == {"reviews", "flowers"} | others and before["reviews"].source == "embedded"


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
    data.prefetch()
    assert data.resolve_all()["fashion"].source == "official"
    monkeypatch.setenv("DLKO_NETWORK", "off")
    data.load_data("fashion")
    assert data.data_source("fashion") == "official" and len(server.requests) == len(IDX_NAMES)


def test_prefetch_official_tries_everything(monkeypatch: pytest.MonkeyPatch, server: FaultServer) -> None:
    broken = replace(tiny_dataset([NOWHERE]), name="broken", title="고장")
    use(monkeypatch, broken, tiny_dataset([server.address]))
    monkeypatch.setenv("DLKO_DATA", "official")
    with pytest.raises(data.DataError, match="고장 공식 데이터를"):
        data.prefetch()
    assert len(server.requests) == len(IDX_NAMES)


def test_download_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FaultServer, capfd) -> None:
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


def test_the_constitution_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    rows = load_constitution()
    assert "저작권의 보호를 받지 않는" in capsys.readouterr().out
    articles = list(dict.fromkeys(article for article, _ in rows))
    expected = ["전문", *(f"제{n}조" for n in range(1, 131)), *(f"부칙 제{n}조" for n in range(1, 7))]
    assert articles == expected and len(rows) == 300
    assert rows[1:3] == [
        ("제1조", "대한민국은 민주공화국이다."),
        ("제1조", "대한민국의 주권은 국민에게 있고, 모든 권력은 국민으로부터 나온다."),
    ]
    assert not any(re.search("[①-⑮<>]|제[0-9]+[장절] ", text) or not text for _, text in rows)


def test_clauses_are_cut_at_articles_and_numbers() -> None:
    text = '대한민국헌법\n\n앞글.\n\n 제1장 총강\n 제1조 ① 하나.\n②둘. "말\n이어진 말"\n 제2조 셋.\n부칙 <…>\n제1조 끝.'
    assert clauses(text) == [
        ("전문", "앞글."),
        ("제1조", "하나."),
        ("제1조", '둘. "말 이어진 말"'),
        ("제2조", "셋."),
        ("부칙 제1조", "끝."),
    ]
