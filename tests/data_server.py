"""데이터 검사에 쓰는 작은 공식 데이터와, 일부러 고장 내는 서버. 127.0.0.1 밖으로는 나가지 않습니다."""

import gzip
import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from dlko.data.sets import CATALOGUE
from dlko.data.sets.mnist_format import IDX_NAMES
from dlko.data.spec import Data, DataSet, RemoteFile

FASHION = CATALOGUE["fashion"]

TRAIN, TEST, EMBEDDED = 60, 20, 2
IMAGES = "train-images-idx3-ubyte.gz"  # 가장 먼저 받는 파일


def idx_bytes(array: np.ndarray) -> bytes:
    """uint8 배열을 압축하지 않은 idx 파일의 내용으로."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    return head + array.astype(np.uint8).tobytes()


def tiny_files() -> dict[str, bytes]:
    """공식 파일 넷을 본뜬 작은 파일. 사진은 압축되지 않게 잡음으로 채웁니다."""
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 256, (TRAIN, 28, 28)),
        np.arange(TRAIN) % 10,
        rng.integers(0, 256, (TEST, 28, 28)),
        np.arange(TEST) % 10,
    ]
    return {
        name: gzip.compress(idx_bytes(array), mtime=0) for name, array in zip(IDX_NAMES, arrays, strict=True)
    }


def tiny_embedded() -> Data:
    """들어 있는 데이터를 대신하는 두 장과 한 장. 진짜를 푸는 시간을 아낍니다."""
    images, labels = np.zeros((EMBEDDED, 28, 28), np.uint8), np.arange(EMBEDDED, dtype=np.uint8)
    return (images, labels), (images[:1], labels[:1])


def tiny_dataset(addresses: list[str], contents: dict[str, bytes] | None = None) -> DataSet:
    """주소만 바꿔 끼운 작은 Fashion-MNIST."""
    files = tuple(
        RemoteFile(
            filename=name,
            urls=tuple(address + name for address in addresses),
            size=len(content),
            known_hash=hashlib.sha256(content).hexdigest(),
            content_sha256=hashlib.sha256(gzip.decompress(content)).hexdigest(),
            content_size=len(gzip.decompress(content)),
        )
        for name, content in (contents or tiny_files()).items()
    )
    assert FASHION.embedded is not None
    embedded = replace(FASHION.embedded, load=tiny_embedded)
    return replace(FASHION, files=files, embedded=embedded, content_hash="", system_folders=())


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


class FaultServer:
    """경로마다 다르게 고장 낼 수 있는 서버. `answers[파일 이름]`에 답하는 함수를 넣습니다."""

    def __init__(self, contents: dict[str, bytes] | None = None) -> None:
        self.contents = contents or tiny_files()
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                server.requests.append(name)
                with suppress(OSError):
                    server.answers.get(name, good)(self, server.contents[name])

            def log_message(self, *args: object) -> None:
                """표준 오류에 쓰지 않습니다."""

        Handler.closing = self.closing  # type: ignore[attr-defined]
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}/"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def break_all(self, answer: Answer) -> None:
        self.answers = dict.fromkeys(self.contents, answer)

    def repair(self) -> None:
        self.answers = {}

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


def _head(handler: BaseHTTPRequestHandler, length: int, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


def good(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _head(handler, len(content))
    handler.wfile.write(content)


def not_found(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _head(handler, 0, 404)


def truncated(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """크기를 제대로 알리고 반만 보낸 다음 끊습니다."""
    _head(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])


def truncated_in_silence(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """크기를 알리지 않고 반만 보냅니다. 받는 쪽은 다 받은 줄 압니다."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def wrong_content(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """크기는 같고 마지막 한 바이트만 다릅니다."""
    good(handler, content[:-1] + bytes([content[-1] ^ 1]))


def login_page(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """공용 무선망의 로그인 쪽처럼, 무엇을 달라고 해도 200과 함께 웹 쪽을 줍니다."""
    good(handler, b"<html>login</html>")


def endless(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """끝없이 보냅니다."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def silent(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """연결은 받고 아무 말도 하지 않습니다."""
    handler.closing.wait(30)  # type: ignore[attr-defined]


def stalls_halfway(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    _head(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])
    handler.wfile.flush()
    handler.closing.wait(30)  # type: ignore[attr-defined]


def drips(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """0.05초에 한 바이트씩 보냅니다. 끊기지는 않지만 끝나지도 않습니다."""
    _head(handler, len(content))
    for byte in content:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        if handler.closing.wait(0.05):  # type: ignore[attr-defined]
            return


# --- 다른 프로세스에서 불러오기 ------------------------------------------------------------------------------------

CHILD = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from data_server import tiny_dataset
from dlko import data
data.load.CATALOGUE = {"fashion": tiny_dataset(json.loads(sys.argv[2]))}
(x, y), (a, b) = data.load_data("fashion")
print(data.data_source("fashion"), x.shape, int(x.sum()))
"""


def child_command(python: str, addresses: list[str]) -> list[str]:
    """작은 공식 데이터를 불러오는 파이썬 프로세스의 명령."""
    here = Path(__file__).parent
    paths = [str(here), str(here.parent / "src")]
    return [python, "-c", CHILD, json.dumps(paths), json.dumps(addresses)]
