"""책을 사이트로 만드는 것. 무엇이 어떤 차례로 일어나는지는 extension.py에 다 있습니다.

page/    쪽 하나에 하는 일: 글 나무와 HTML을 고칩니다.
blocks/  다른 파일의 내용을 보이는 지시문: 카드, 실행 보고서, 속도의 표, 가르치는 분의 표, 용어집.
site/    사이트 전체에 하는 일: 수식, 글꼴, 찾기, 주소, 쓰지 않는 파일.
theme/   틀, 스타일, 브라우저에서 도는 스크립트, 번역.
"""

# 쪽의 내용을 정하는 course의 모듈. 바뀌면 쪽을 다시 읽고 그립니다.
DRAWING = ("course/colab.py", "course/notebooks.py", "course/provenance.py", "course/benchmark/table.py")
