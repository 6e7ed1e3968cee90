#!/usr/bin/env bash
# Lists what of a set-up is missing for `test` or `demo`, and what could not run therefore; ends with 1 if there is anything.
cd "$(dirname "$0")/.." || exit 1
[ -f .tools/missing ] || { echo "run make setup first" >&2; exit 1; }
status=0
while IFS=$'\t' read -r needed part reason; do
    case " $needed " in *" $1 "*) ;; *) continue ;; esac
    if [ $status = 0 ]; then echo "make $1 could not run all of it. Missing:" >&2; fi
    status=1
    echo "  $part: $reason" >&2
done <.tools/missing
exit $status
