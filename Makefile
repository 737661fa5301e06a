# 信网：make help 列出所有目标
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
AUDIT := tests/audit
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run dev test bench chaos search shots weights audit lint format pictures requirements \
	advisories secrets sbom clean

help: ## 列出所有目标
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新版本（可用 PYTHON=... 指定）" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN_STAMP)

run: $(RUN_STAMP) ## 启动网站：装好依赖、数据库和样例档案，打印地址和编辑的登录名
	@exec $(BIN)/python -m xinwang.run

dev: $(RUN_STAMP) ## 开发用的自动重载服务器
	@DEBUG=true $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=true exec $(BIN)/python manage.py runserver $(or $(PORT),8000)

test: $(DEV_STAMP) ## 全部测试（没有 Chromium 时跳过浏览器测试；REQUIRE_BROWSER=1 则不许跳过）
	@$(BIN)/python -m pytest -n auto $(ARGS)

bench: $(DEV_STAMP) ## 测量速度，每项都与参照同场比较，结果写进 docs/performance.md（需要 wrk）
	@$(BIN)/python -W ignore -m tests.bench $(ARGS)

chaos: $(DEV_STAMP) ## 故意弄坏：杀进程、断数据库、乱输入……看丢不丢东西，结果写进 docs/reliability.md（需要 nginx 和 Chromium）
	@$(BIN)/python -W ignore -m tests.chaos $(ARGS)

search: ## 冻结的网站在浏览器里搜索用的 SQLite（需要 npm）
	@command -v npm >/dev/null || { echo "这台机器上没有 npm。Debian、Ubuntu：apt install nodejs npm" >&2; exit 2; }
	@npm --prefix deploy/search ci --ignore-scripts --no-audit --no-fund --loglevel=error

shots: $(DEV_STAMP) ## 每种页面在电脑和手机上、浅色和深色的截图，放进 var/shots/（需要 Chromium）
	@$(BIN)/python -m tests.audit shots

weights: $(DEV_STAMP) ## 称网页的重量，写进 docs/performance.md（需要 Chromium 和 nginx）
	@$(BIN)/python -m tests.audit weights

audit: $(DEV_STAMP) ## 用 Nu Html Checker 和 Lighthouse 检查网页（需要 Node.js、Java、Chromium 和 nginx）
	@command -v npm >/dev/null || { echo "这台机器上没有 npm。Debian、Ubuntu：apt install nodejs npm" >&2; exit 2; }
	@test $(AUDIT)/node_modules/.package-lock.json -nt $(AUDIT)/package-lock.json || \
		npm --prefix $(AUDIT) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(BIN)/python -m tests.audit audit

lint: $(DEV_STAMP) ## 代码风格、类型、楼层、模板、迁移和部署检查
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	SITE_URL=https://news.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(DEV_STAMP) ## 按统一风格改写代码和模板
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

pictures: $(DEV_STAMP) ## 重新画样例图片
	$(BIN)/python -m fixtures.draw

requirements: $(DEV_STAMP) ## 按 pyproject.toml 重新锁定依赖（带哈希，不含任何索引地址）
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --upgrade --quiet --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra s3 --constraint requirements.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet --output-file requirements-s3.txt
	$(BIN)/uv pip compile pyproject.toml --extra freeze --constraint requirements-s3.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet --output-file requirements-freeze.txt
	$(BIN)/uv pip compile pyproject.toml --extra s3 --extra freeze --group dev --constraint requirements-s3.txt \
		--constraint requirements-freeze.txt --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --quiet --output-file requirements-dev.txt

advisories: $(DEV_STAMP) ## 查依赖的已知漏洞（问 PyPI；问不到只说一声，查到就失败）
	@$(BIN)/python -m tests.supply advisories

secrets: $(DEV_STAMP) ## 查代码里有没有密码和密钥
	@$(BIN)/python -m tests.supply secrets

sbom: $(DEV_STAMP) ## 软件物料清单（CycloneDX），写进 var/sbom.json
	@$(BIN)/python -m tests.supply sbom

clean: ## 删除虚拟环境和缓存（不动 var/ 里的数据）
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
