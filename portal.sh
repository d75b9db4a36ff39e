#!/usr/bin/env bash
# Every command of the house: each does its own set-up first, and what is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export FLASK_SKIP_DOTENV=1  # .env is read below, by one rule for all commands

readonly NEEDS_PYTHON="3.11"
readonly PYTHON=".venv/bin/python"
readonly LINTERS=".venv-lint" # apart: semgrep brings sixty packages, and an older click than the product runs on
readonly BILL_OF_MATERIALS="build/sbom.cdx.json"
readonly STAMP=".venv/installed-locks"
readonly RUN_PACKAGES=(python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
readonly TEST_PACKAGES=(chromium libatomic1 postgresql redis-server libjaxb-java librhino-java poppler-utils)
readonly APART=(tests/privacy tests/browser) # from the rest of the suite, for the time they take
# What does not hang on the database is left out: planted leaks, and what single pages say. The route table is asked;
# PORTAL_TEST_DATABASE=postgresql ./portal.sh test tests/web asks for every page there too.
readonly ON_POSTGRESQL=(
  tests/services tests/privacy --ignore=tests/privacy/test_faults.py tests/reliability tests/jobs tests/cli
  tests/architecture/test_{audit,migrations,row_locks,statements,tables}.py tests/web/test_*.py
)
readonly SERVICE_POLICY="/usr/sbin/policy-rc.d"

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "portal.sh: $*"
  exit 1
}
log="" wrote_policy="" shown=""
declare -A beside=()

clean_up() {
  [[ -z $log ]] || rm -f "$log"
  ((${#beside[@]} == 0)) || kill "${beside[@]}" 2>/dev/null || true
  [[ -z $shown ]] || rm -rf "$shown"
  forbid_no_services
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Runs a command quietly; what it said is shown only when it fails.
quietly() {
  [[ -n $log ]] || log="$(mktemp)"
  "$@" </dev/null >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    return 1
  }
}

# --- System packages: ask dpkg, install what is missing, by name -------------------------------------------------------

missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" $package=installed "* ]] || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

# A package that brings a server would start it; a test starts its own, and a demo must not leave one behind.
forbid_services() {
  [[ ! -e $SERVICE_POLICY ]] || return 0
  wrote_policy=yes
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$SERVICE_POLICY" >/dev/null
  as_root chmod 755 "$SERVICE_POLICY"
}

forbid_no_services() {
  [[ -z $wrote_policy ]] || as_root rm -f "$SERVICE_POLICY"
  wrote_policy=""
}

apt_install() {
  local options=(-qq -y --no-install-recommends -o Dpkg::Use-Pty=0)
  # A machine that is thrown away after a check need not survive a power cut: a third of the time is saved.
  [[ -z ${CI:-} ]] || options+=(-o Dpkg::Options::=--force-unsafe-io)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install "$@"
}

need_packages() {
  local by_hand missing
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
    [[ -d .venv ]] || say "portal.sh: no apt here, so see to it yourself that this machine has: $*"
    return 0
  }
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  by_hand="apt-get install --no-install-recommends ${missing[*]}"
  ((EUID == 0)) || command -v sudo >/dev/null || stop "system packages are missing. As root, run: $by_hand"
  say "Installing system packages: ${missing[*]}"
  forbid_services
  quietly apt_install "${missing[@]}" 2>/dev/null || {
    quietly as_root apt-get -qq update || stop "apt cannot fetch its lists. Connect this machine to the network and run this again."
    quietly apt_install "${missing[@]}" || stop "apt could not install them. See the lines above, then as root run: $by_hand"
  }
  forbid_no_services
}

need_test_packages() {
  local packages=("${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
  command -v javac >/dev/null || packages+=(default-jdk-headless)
  need_packages "${packages[@]}"
}

# --- Python: environments that are filled from the hashed locks --------------------------------------------------------

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c "import sys; sys.exit(sys.version_info < (${NEEDS_PYTHON/./, }))" 2>/dev/null; then
      printf '%s' "$name"
      return 0
    fi
  done
  return 1
}

need_environment() {
  local python
  "$1/bin/python" -c "import sys; sys.exit(sys.version_info < (${NEEDS_PYTHON/./, }))" 2>/dev/null && return 0
  python="$(find_python)" ||
    stop "Python $NEEDS_PYTHON or newer is needed. Install python$NEEDS_PYTHON and python$NEEDS_PYTHON-venv (Debian 12 has them), then run this again."
  rm -rf "$1"
  quietly "$python" -m venv "$1" || {
    rm -rf "$1"
    stop "$python cannot make a virtual environment. Install its venv package (apt-get install python3-venv) and run this again."
  }
}

stamp_of() { printf '%s %s' "$1" "$(sha256sum <"requirements/$1.lock")"; }

# install_lock ENVIRONMENT LOCK
install_lock() {
  local python="$1/bin/python" lock="requirements/$2.lock"
  say "Installing Python packages from $lock"
  if command -v uv >/dev/null; then
    quietly uv pip install --python "$python" --require-hashes --no-deps -r "$lock"
  else
    "$python" -c 'import pip' 2>/dev/null || quietly "$python" -m ensurepip || return 1
    quietly "$python" -m pip install --require-hashes --no-deps --no-input --disable-pip-version-check -r "$lock"
  fi || stop "the Python packages could not be installed. Check the network (or the package index you have set), then run this again."
}

# need_lock run|dev: the lock of the tests holds the whole lock of the product.
need_lock() {
  need_environment .venv
  grep -qxF -- "$(stamp_of "$1")" "$STAMP" 2>/dev/null && return 0
  rm -f "$STAMP"
  install_lock .venv "$1"
  stamp_of run >"$STAMP.new"
  [[ $1 == run ]] || printf '\n%s\n' "$(stamp_of "$1")" >>"$STAMP.new"
  mv "$STAMP.new" "$STAMP"
}

need_linters() {
  local stamp="$LINTERS/installed-locks"
  need_environment "$LINTERS"
  grep -qxF -- "$(stamp_of lint)" "$stamp" 2>/dev/null && return 0
  rm -f "$stamp"
  install_lock "$LINTERS" lint
  stamp_of lint >"$stamp"
}

set_up_run() {
  need_packages "${RUN_PACKAGES[@]}"
  need_lock run
}

set_up_lint() {
  need_packages python3-venv
  need_lock dev
  need_linters
}

set_up_tests() {
  need_test_packages
  need_lock dev
}

# --- Settings: lines NAME=value, and what the environment says already goes first ------------------------------------

load_settings() {
  local line name value
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?(PORTAL_[A-Z_]+)=(.*)$ ]] || continue
    name="${BASH_REMATCH[2]}" value="${BASH_REMATCH[3]}"
    if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value="${BASH_REMATCH[1]}"; fi
    [[ -n ${!name+set} ]] || export "$name=$value"
  done <"$1"
}

make_demo_secrets() { # the caller's umask keeps them
  mkdir -p instance && [[ -w instance ]] || stop "instance/ cannot be written to. Give it to $(id -un), or run this as whom it belongs to."
  "$PYTHON" - >instance/demo.env.new <<'SECRETS'
import base64, secrets
print("PORTAL_SECRET_KEY=" + secrets.token_urlsafe(48))
print("PORTAL_VAULT_KEYS=1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
SECRETS
  mv instance/demo.env.new instance/demo.env
}

read_port() {
  port="${PORTAL_PORT:-8000}"
  [[ $port =~ ^[0-9]{1,5}$ ]] && ((10#$port >= 1 && 10#$port <= 65535)) || stop "PORTAL_PORT is '$port'. Set it to a number from 1 to 65535."
}

need_port() {
  read_port
  ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || stop "port $port is taken. Choose another: PORTAL_PORT=8001 ./portal.sh $1"
}

need_demo_settings() {
  if [[ ! -e instance/demo.env ]]; then
    [[ ! -e instance/portal.db || -n ${PORTAL_DATABASE_URL:-} ]] ||
      stop "instance/portal.db was not made by the demo. Move it away, or name another database in PORTAL_DATABASE_URL."
    make_demo_secrets
  fi
  printf 'PORTAL_PORT=%s\n' "$port" >instance/demo.port
  use_demo_settings
}

use_demo_settings() {
  load_settings instance/demo.env
  export PORTAL_BASE_URL="http://127.0.0.1:$port" PORTAL_MAIL_URL="${PORTAL_MAIL_URL:-file:}"
}

# --- The commands ----------------------------------------------------------------------------------------------------

# The access log stays off: addresses of pages say who worked on what.
start_server() {
  clean_up
  umask 077 # what people write, and the keys to it, are nobody else's to read
  "$PYTHON" -c 'from app import app; from portal.web.fonts import make_ahead; make_ahead(app)' # the first page stands in its own type
  exec "$PYTHON" -m gunicorn app:app --bind "127.0.0.1:$port" --workers "${WEB_CONCURRENCY:-2}" --no-control-socket "$@"
}

demo() {
  need_port demo
  set_up_run
  umask 077
  need_demo_settings
  "$PYTHON" -m flask --app app db upgrade || stop "the database could not be set up. See the lines above; moving instance/ away starts afresh."
  "$PYTHON" -m flask --app app demo seed || stop "the demo could not be filled. See the lines above; moving instance/ away starts afresh."
  say "Serving the demo at http://127.0.0.1:$port (Ctrl-C ends it)"
  start_server
}

serve() {
  need_port serve
  set_up_run
  [[ ! -e .env ]] || load_settings .env
  "$PYTHON" -c 'from app import app; from portal.cli.doctor import refuse_to_start_unready; refuse_to_start_unready(app)' ||
    stop "the portal does not start with these settings. Mend what the lines above name, in the environment or in .env."
  start_server "$@"
}

run_flask() {
  set_up_run
  if [[ -e .env ]]; then
    load_settings .env
  elif [[ -e instance/demo.env ]]; then
    [[ ! -e instance/demo.port ]] || load_settings instance/demo.port # where the demo was served last
    read_port
    use_demo_settings
  fi
  clean_up
  umask 077
  exec "$PYTHON" -m flask --app app "$@"
}

# part NAME DATABASE ARGUMENTS...: a part of the suite in the background; what it says waits for the end.
part() {
  say "Beside it: $1"
  PORTAL_TEST_DATABASE="$2" "$PYTHON" -m pytest -p no:cacheprovider "${@:3}" >"$shown/$1" 2>&1 &
  beside[$1]=$!
}

run_tests() {
  set_up_tests
  need_linters # a test sees that our own rules find what they are for
  if (($#)); then
    clean_up
    exec "$PYTHON" -m pytest "$@"
  fi
  local result=0 name
  shown="$(mktemp -d)"
  say "The suite, in three parts beside each other. Here: the house and its pages, on SQLite"
  part "what works with the database, on PostgreSQL" postgresql "${ON_POSTGRESQL[@]}"
  part "the promise and the browser, on SQLite" "" "${APART[@]}"
  "$PYTHON" -m pytest "${APART[@]/#/--ignore=}" || result=1
  for name in "${!beside[@]}"; do
    wait "${beside[$name]}" || result=1
    unset "beside[$name]"
    say "Of the part “$name”:"
    cat "$shown/$name"
  done
  return "$result"
}

lint() {
  set_up_lint
  local result=0
  "$PYTHON" -m ruff check . || result=1
  "$PYTHON" -m ruff format --check . || result=1
  "$PYTHON" -m mypy || result=1
  "$LINTERS/bin/bandit" --quiet --configfile pyproject.toml --recursive app.py gunicorn.conf.py portal || result=1
  own_rules app.py gunicorn.conf.py portal || result=1
  write_bill_of_materials "$BILL_OF_MATERIALS" || result=1
  return "$result"
}

# Asks nobody and tells nobody: the rules lie here, and what it writes down for itself stays in build.
own_rules() {
  mkdir -p build
  env PATH="$PWD/$LINTERS/bin:$PATH" SEMGREP_SETTINGS_FILE=build/semgrep-settings.yaml SEMGREP_LOG_FILE=build/semgrep.log \
    semgrep scan --config semgrep.yaml --metrics=off --disable-version-check --disable-nosem --error --quiet "$@"
}

# What the product is made of, from the lock alone, and so the same wherever and whenever it is written.
write_bill_of_materials() {
  mkdir -p "$(dirname "$1")"
  quietly "$LINTERS/bin/cyclonedx-py" requirements requirements/run.lock --pyproject pyproject.toml --output-reproducible \
    --output-format JSON --output-file "$1"
}

bench() {
  set_up_tests
  clean_up
  exec "$PYTHON" -m benchmarks.run "$@"
}

# Locks carry no address: who installs decides where from.
lock() {
  local name uv=(--universal --python-version "$NEEDS_PYTHON" --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate)
  command -v uv >/dev/null || stop "uv makes the locks. Install it (python3 -m pip install uv) and run this again."
  uv pip compile pyproject.toml "${uv[@]}" --quiet --output-file requirements/run.lock "$@" >/dev/null
  uv pip compile pyproject.toml "${uv[@]}" --quiet --extra dev --constraint requirements/run.lock --output-file requirements/dev.lock "$@" >/dev/null
  uv pip compile --group pyproject.toml:lint "${uv[@]}" --quiet --output-file requirements/lint.lock "$@" >/dev/null
}

help() {
  cat <<'HELP'
./portal.sh demo          sets everything up, fills a demo and serves it at 127.0.0.1:8000 (PORTAL_PORT changes the port)
./portal.sh test [...]    sets up what tests need and runs them all; arguments go to pytest
./portal.sh lint          ruff, mypy, bandit and our own rules; writes the bill of materials into build
./portal.sh bench [...]   the benchmarks
./portal.sh serve [...]   the production server, settings from the environment and .env; arguments go to gunicorn
./portal.sh flask ...     one of the operator's commands, with the same settings: db upgrade, doctor ...
./portal.sh lock [...]    makes the locks anew from pyproject.toml (needs uv; --upgrade takes newer versions)
HELP
}

command="${1:-help}"
shift || true
case "$command" in
  demo) demo "$@" ;;
  test) run_tests "$@" ;;
  lint) lint ;;
  bench) bench "$@" ;;
  serve) serve "$@" ;;
  flask) run_flask "$@" ;;
  lock) lock "$@" ;;
  help | -h | --help) help ;;
  *)
    help >&2
    stop "there is no command '$command'. Choose one of the above."
    ;;
esac
