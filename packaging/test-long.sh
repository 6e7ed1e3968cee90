#!/usr/bin/env bash
# Runs all tests, the long ones included, on Python 3.11, 3.12 and 3.13, each in an environment of its own.
set -u
cd "$(dirname "$0")/.." || exit 1
say() { printf 'test-long: %s\n' "$*"; }
# shellcheck source=packaging/python.sh
. packaging/python.sh
packaging/missing.sh test || exit 1
packaging/cluster.sh || exit 1
results=()
for version in 3.11 3.12 3.13; do
    if ! python=$(find_python "$version"); then
        results+=("NOT RUN Python $version: it is not on this machine")
        continue
    fi
    if ! make_environment ".tools/venv-$version" "$python"; then
        results+=("NOT RUN Python $version: its packages could not be installed")
        continue
    fi
    before=$SECONDS
    outcome=passed
    slow="long and not corpus and not once"
    [ "$version" = 3.13 ] && slow="long and not corpus"
    for part in "not long and not corpus" "$slow"; do
        say "Python $version: $part"
        jobs=(-n "${PYTEST_JOBS:-logical}" --dist loadfile)
        [ "$part" = "$slow" ] && jobs=(--timeout 3600) # alone on the machine: figures are measured
        QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} ".tools/venv-$version/bin/python" -m pytest -q -m "$part" "${jobs[@]}" </dev/null
        status=$?
        # 5: nothing was selected, which only the long part may be.
        [ $status = 0 ] || { [ $status = 5 ] && [ "$part" = "$slow" ]; } || outcome=FAILED
    done
    results+=("$outcome  Python $version, $((SECONDS - before)) s")
done
echo
printf '%s\n' "${results[@]}"
! printf '%s\n' "${results[@]}" | grep -qE '^(FAILED|NOT RUN)'
