#!/bin/sh
# Diagnose a training log, print the answer, and say by the exit status whether a pipeline should go on.
#
#   gate.sh LOG...          several files are the pieces of one run, or runs of their own: the service sees which
#
#   0  fine     1  found something at the chosen level or above     2  could not judge: no log, no service, too little data
#
# DIAGNOSIS_URL       where the service listens (http://127.0.0.1:8000)
# DIAGNOSIS_KEY       the key, where it wants one
# DIAGNOSIS_FAIL_ON   warning (default): both `attention` and `failing` shut the gate; error: only `failing` does
# DIAGNOSIS_FORMAT    text (default) or markdown
# DIAGNOSIS_SAVE      a file to which the answer is appended as well
# DIAGNOSIS_CONTEXT   what the log does not say, as JSON: {"num_classes": 10, "planned_epochs": 60}
# DIAGNOSIS_RETRIES   how often to ask again where the service is away or busy (5); Retry-After is respected
#
# It needs a POSIX shell and curl 7.66 or newer.
set -eu

cannot_judge() {
  echo "gate.sh: $*" >&2
  exit 2
}

[ $# -gt 0 ] || cannot_judge "which log? Usage: gate.sh LOG..."
case ${DIAGNOSIS_FAIL_ON:=warning} in
  warning | error) ;;
  *) cannot_judge "DIAGNOSIS_FAIL_ON is '$DIAGNOSIS_FAIL_ON'; expected warning or error" ;;
esac
case ${DIAGNOSIS_FORMAT:=text} in
  text) accept=text/plain ;;
  markdown) accept=text/markdown ;;
  *) cannot_judge "DIAGNOSIS_FORMAT is '$DIAGNOSIS_FORMAT'; expected text or markdown" ;;
esac
url=${DIAGNOSIS_URL:-http://127.0.0.1:8000}

for log; do # each argument moves to the back of the list, as a part of the form
  [ -f "$log" ] && [ -r "$log" ] || cannot_judge "there is no file '$log' that can be read"
  case $log in *[\"\\]*) cannot_judge "rename '$log': curl cannot send a name with \" or \\" ;; esac
  shift
  set -- "$@" --form "file=@\"$log\""
done
if [ -n "${DIAGNOSIS_CONTEXT:-}" ]; then
  set -- "$@" --form-string "context=$DIAGNOSIS_CONTEXT"
fi

answer=$(mktemp)
headers=$(mktemp)
trap 'rm -f "$answer" "$headers"' EXIT
trap 'exit 2' HUP INT TERM # through EXIT

# The key goes through a pipe: the arguments of a program are seen by everyone on the machine.
code=$(
  if [ -n "${DIAGNOSIS_KEY:-}" ]; then
    printf 'header = "Authorization: Bearer %s"\n' "$DIAGNOSIS_KEY"
  fi | curl --config - --silent --show-error --output "$answer" --dump-header "$headers" --write-out '%{http_code}' \
    --connect-timeout 10 --max-time 120 --retry "${DIAGNOSIS_RETRIES:-5}" --retry-connrefused --retry-max-time 300 \
    --header "Accept: $accept" "$@" "${url%/}/diagnose"
) || cannot_judge "no answer from $url"
if [ "$code" != 200 ]; then
  cat "$answer" >&2
  cannot_judge "$url answered $code"
fi

cat "$answer"
if [ -n "${DIAGNOSIS_SAVE:-}" ]; then
  cat "$answer" >>"$DIAGNOSIS_SAVE"
fi

# The last one counts: each retry adds its headers.
status=$(sed -n 's/^[Dd]iagnosis-[Ss]tatus: *\([a-z]*\).*/\1/p' "$headers" | tail -n 1)
case $status in
  healthy) exit 0 ;;
  attention) [ "$DIAGNOSIS_FAIL_ON" = error ] || exit 1 ;;
  failing) exit 1 ;;
  inconclusive) cannot_judge "too little data to judge" ;;
  *) cannot_judge "$url answered without the header Diagnosis-Status: is that the service?" ;;
esac
