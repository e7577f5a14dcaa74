# Sourced by the scripts whose user came for what a program prints, not for how it was built. They set `log`.

# quietly WHAT COMMAND...: runs the command into $log, and shows its end if it fails.
quietly() {
  local what=$1
  shift
  echo "$what ..." >&2
  if ! "$@" >>"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "$(basename "$0"): $what failed; all of its output is in $log" >&2
    exit 1
  fi
}
