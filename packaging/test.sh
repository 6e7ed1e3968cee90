#!/usr/bin/env bash
# Runs every check of `make test`, all of them even when one fails, and says at the end what failed and what could not run.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=.venv/bin
results=()

check() { # NAME COMMAND...
    local name=$1 before=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@" </dev/null; then results+=("passed  $name, $((SECONDS - before)) s"); else results+=("FAILED  $name, $((SECONDS - before)) s"); fi
}

is_missing() { grep -qE "	($1)	" .tools/missing; }

if is_missing 'Python|Python packages'; then
    packaging/missing.sh test
    echo "Nothing ran: there is no Python environment." >&2
    exit 1
fi
tests=(-m "not long and not corpus" -n "${PYTEST_JOBS:-logical}" --dist loadfile -q)
if is_missing 'Kubo|Anvil|Anvil and solc'; then
    tests=(-m "not long and not corpus and not live" --ignore=tests/live --ignore=tests/journeys "${tests[@]:2}")
    results+=("NOT RUN tests/live, tests/journeys and all that is marked live: they need real daemons")
fi
if is_missing 'lib[^	]*|fonts-[^	]*'; then
    tests+=(-p no:pytest-qt --ignore=tests/app --ignore=tests/viewer/ui --ignore=tests/journeys)
    results+=("NOT RUN tests/app, tests/viewer/ui and tests/journeys: Qt cannot draw here")
fi
check "ruff" $bin/ruff check .
check "format" $bin/ruff format --check -q .
check "mypy" $bin/mypy
# The import arrows are a test of tests/test_house.py.
check "pytest" env QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}" $bin/python -m pytest "${tests[@]}"
echo
printf '%s\n' "${results[@]}"
packaging/missing.sh test && ! printf '%s\n' "${results[@]}" | grep -qE '^(FAILED|NOT RUN)'
