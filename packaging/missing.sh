#!/usr/bin/env bash
# Lists what of a set-up is missing for `test` or `demo`; ends with 1 if there is anything.
cd "$(dirname "$0")/.." || exit 1
[ -f .tools/missing ] || { echo "run make setup first" >&2; exit 1; }
case $1 in
demo) heading="The demonstration did not run. It needs what is missing" ;;
*) heading="Not everything could run. Missing" ;;
esac
status=0
while IFS=$'\t' read -r needed part reason; do
    case " $needed " in *" $1 "*) ;; *) continue ;; esac
    [ $status = 1 ] || echo "$heading:" >&2
    status=1
    echo "  $part: $reason" >&2
done <.tools/missing
exit $status
