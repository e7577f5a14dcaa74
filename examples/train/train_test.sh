#!/usr/bin/env bash
# Usage: train_test.sh PROGRAM
# The demo as its users run it, on the digits: what it prints, what it draws, and how it refuses what it cannot do.
set -uo pipefail

program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
  echo "train_test.sh: $*" >&2
  failures=$((failures + 1))
}

# The program's exit code; what it prints goes to the files "out" and "err".
run() { "$program" "$@" >out 2>err </dev/null; }

expect_line() { grep -Eq -- "$1" out || { fail "no line is like: $1"; cat out err >&2; }; }

# ---- a training ----

run --data digits --epochs 8 --layers 64,32 --batch 16 --seed 7 --output pictures || { fail "the training ended with $?"; cat err >&2; }
result=$(tail -n 1 out)
[[ $result =~ ^test\ accuracy\ (0\.[0-9]{4}|1\.0000)$ ]] || fail "the last line is: $result"
awk -v a="${result##* }" 'BEGIN { exit !(a >= 0.85) }' || fail "a test accuracy of ${result##* } is too low"
expect_line '^data: UCI optical digits'
expect_line '^network: 64-64-32-10, '
number='[0-9]+\.[0-9]{4}'
[ "$(grep -Ec "^epoch [1-8]/8   training loss $number accuracy $number   validation loss $number accuracy $number   " out)" -eq 8 ] || fail "not every epoch has its line"
expect_line '^rows: what the test images show'
expect_line '^ 9  9 .* %$'
if grep -q $'[\r\033]' out; then fail "a progress bar was piped"; fi
[ -s pictures/step.dot ] || fail "no graph was written"
if command -v dot >/dev/null; then [ -s pictures/step.svg ] || fail "no graph was drawn"; fi
if command -v gnuplot >/dev/null; then
  [ -s pictures/curves.png ] || fail "no curves were drawn"
  [ -s pictures/misclassified.png ] || grep -q 'no image was misclassified' out || fail "no misclassified images were drawn"
fi

run --data digits --epochs 8 --layers 64,32 --batch 16 --seed 7 --output pictures
[ "$(tail -n 1 out)" = "$result" ] || fail "the same seed gives another result: $(tail -n 1 out), not $result"

for optimizer in adam momentum nesterov gradient-descent; do
  run --data digits --epochs 1 --layers 16 --batch 50 --learning-rate 0.01 --optimizer "$optimizer" || fail "$optimizer ended with $?"
  [[ $(tail -n 1 out) =~ ^test\ accuracy\ [01]\.[0-9]{4}$ ]] || fail "$optimizer: the last line is: $(tail -n 1 out)"
done
[ -d demo-output ] || fail "the usual output folder was not made"

# Without the programs that draw it says so, and goes on to its last line.
PATH=/nonexistent "$program" --data digits --epochs 1 --output bare >out 2>err </dev/null || fail "without gnuplot and Graphviz it ended with $?"
expect_line '^left out bare/curves.png: .*gnuplot'
expect_line '^test accuracy'

# ---- a terminal ----

if command -v script >/dev/null; then
  TERM=xterm script -qec "'$program' --data digits --epochs 2 --layers 512,512 --batch 4 --output pictures" /dev/null >out </dev/null || fail "on a terminal it ended with $?"
  expect_line 'epoch 1/2 \['
  grep -Eaq '[0-9]+ images/s  [0-9]+ s left' out || fail "no rate and no time left was shown"
fi

# ---- what it refuses ----

expect_refused() {
  run --data digits "$@"
  local code=$?
  [ $code -eq 2 ] || fail "$*: the exit code is $code, not 2"
  [ ! -s out ] || fail "$*: it went on all the same"
  grep -q -- "^train: .*${1%%=*}" err || fail "$*: the message does not name the option: $(cat err)"
}

touch file
for epochs in 0 -1 1.5 many '' 99999999999999999999; do expect_refused --epochs "$epochs"; done
for layers in a-b 256-128 0 256,,128 256, -5 '' 1000000; do expect_refused --layers "$layers"; done
for rate in -0.1 nan inf 1e999 0.1x ''; do expect_refused --learning-rate "$rate"; done
for batch in 0 -3 x; do expect_refused --batch "$batch"; done
for seed in -1 0x10 18446744073709551616; do expect_refused --seed "$seed"; done
for optimizer in sgd 1 ''; do expect_refused --optimizer "$optimizer"; done
for output in file file/below /proc/none/at/all ''; do expect_refused --output "$output"; done
expect_refused --nonsense
expect_refused --epochs
run --data mnist
[ $? -eq 2 ] || fail "--data mnist: the exit code is not 2"
grep -q 'none of auto, digits, fashion-mnist' err || fail "--data mnist: the choices are not named"

WENGERT_FASHION_MNIST=$work/nowhere run --data fashion-mnist --epochs 1
[ $? -eq 1 ] || fail "--data fashion-mnist without the data: the exit code is not 1"
grep -q 'dataset-fashion-mnist' err || fail "--data fashion-mnist without the data: the package is not named"
WENGERT_FASHION_MNIST=$work/nowhere run --epochs 1 || fail "without Fashion-MNIST it ended with $?"
expect_line '^data: UCI optical digits .* as Fashion-MNIST is not installed$'

run --help || fail "--help ended with $?"
for option in --data --epochs --layers --optimizer --learning-rate --batch --seed --output --help; do
  grep -q -- "$option" out || fail "--help does not tell of $option"
done

[ $failures -eq 0 ]
