# 모든 일은 course/ 안의 파이썬이 합니다. make가 없는 곳에서는 `python -m course 명령`을 쓰면 됩니다.
PYTHON ?= python3
# 이것이 정해져 있으면 파이썬이 이 폴더의 course를 찾지 못하거나 아예 시작하지 못합니다.
unexport PYTHONSAFEPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONOPTIMIZE
COURSE = $(PYTHON) -m course

help:          ## 이 목록을 보여 줍니다
	@$(COURSE) help

book:          ## 노트북을 모두 실행해 책을 만듭니다
	@$(COURSE) book

test:          ## 단위 검사와 노트북 검사를 합니다
	@$(COURSE) test

lab:           ## JupyterLab을 엽니다
	@$(COURSE) lab

serve:         ## 만든 책을 브라우저로 봅니다: make serve PORT=8001
	@$(COURSE) serve $(PORT)

pdf:           ## 만든 책을 PDF 하나로 인쇄합니다 (Chromium이 있어야 합니다)
	@$(COURSE) pdf

epub:          ## 만든 책을 전자책(EPUB) 하나로 묶습니다
	@$(COURSE) epub

run:           ## 노트북 하나만 실행합니다: make run NB=cnn/digits
	@$(COURSE) run "$(NB)"

outputs:       ## 검사용 출력(nbval-check-output)을 새로 적습니다
	@$(COURSE) outputs

check-site:    ## 만든 책을 브라우저로 검사합니다
	@$(COURSE) check-site

check-colab:   ## Colab판 노트북을 Colab과 같은 환경에서 실행합니다
	@$(COURSE) check-colab

data:          ## 공식 데이터를 모두 받습니다: make data DIR=폴더
	@$(COURSE) data "$(DIR)"

bundle:        ## 인터넷이 없는 교실로 들고 갈 폴더를 만듭니다: make bundle DIR=폴더
	@$(COURSE) bundle "$(DIR)"

full:          ## 전체 프로필로 실행하고 결과를 기록합니다: make full NB=cnn/digits
	@$(COURSE) full $(NB)

record:        ## 장의 오래 걸리는 실험을 다시 기록합니다: make record NB=rnn/sentiment
	@$(COURSE) record $(NB) $(ARGS)

bench:         ## 흔한 튜토리얼과 훈련 시간을 견줍니다: make bench ONLY=rnn/sentiment RUNS=1
	@$(COURSE) bench $(ONLY) $(if $(RUNS),--runs $(RUNS))

lock:          ## requirements.in으로 requirements.txt를 다시 만듭니다
	@$(COURSE) lock

clean:         ## 만든 것을 지웁니다 (.venv는 남깁니다)
	@$(COURSE) clean

.PHONY: help book test lab serve pdf epub run outputs check-site check-colab data bundle full record bench lock clean
