#!/usr/bin/env bash
# Verifies and measures backend `cuda` on this machine, within 10 minutes: what `doctor` says, the conformance kit, recorded
# trajectories, a short run beside one on the CPU, the time of a kernel and of a step of GPT-2 with 124 million parameters, and
# PyTorch on the same GPU in turns. Every stage runs whatever became of those before, and one table says what came of each.
#
#   verify-gpu.sh [--quick] [--golden DIR] [--out DIR]
#
#   --quick        a smaller model, fewer steps and rounds
#   --golden DIR   folder with recorded trajectories, one a folder; default: golden beside this script
#   --out DIR      where the log of each stage and the table go; default: verify-gpu-DATE
#
# It is part of the archive that package-runtime.sh makes. Needs NVIDIA's driver and CUDA 13's libraries (or Python's packages of
# them; see docs/native-backends.md), and for the comparison a python3 with PyTorch.

set -uo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
quick=false
golden=$home/golden
out=$PWD/verify-gpu-$(date +%Y%m%d-%H%M%S)
while (($#)); do
  case $1 in
    --quick) quick=true && shift ;;
    --golden) golden=$2 && shift 2 ;;
    --out) out=$2 && shift 2 ;;
    *) echo "error: no option is named $1; see the head of $0." >&2 && exit 2 ;;
  esac
done
readonly home quick golden out
readonly java=$home/runtime/bin/java
if [[ ! -x $java ]]; then
  echo "error: $java is not there; make the archive with native/package-runtime.sh and run this script from it." >&2
  exit 2
fi
mkdir -p "$out" || exit 2

readonly jvm=("$java" -XX:+UseParallelGC -XX:MaxRAMPercentage=50 --add-modules jdk.incubator.vector
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$home/lib/*")
readonly program=dev.pantograph.cli.Main
# What a user would set for speed; docs/native-backends.md says what each costs.
readonly fast=(-Dpantograph.cuda.timed-search=true -Dpantograph.cuda.rounded-bias=true)

if $quick; then
  readonly steps=50 rounds=2 steps_a_round=5 batch=8 width=256 heads=4 layers=4
else
  readonly steps=200 rounds=4 steps_a_round=10 batch=64 width=768 heads=12 layers=12
fi
readonly time=1024 vocabulary=50304

lines=()
failed=0

# What became of a stage: NAME, a word, and what there is to say.
note() {
  lines+=("$(printf '%-28s %-8s %s' "$1" "$2" "$3")")
  [[ $2 != FAILED ]] || failed=1
  echo "   $2: $3"
}

# stage NAME SECONDS COMMAND...: runs a command with a limit; its output goes to a log of that name. Its status is left in `status`.
stage() {
  local name=$1 seconds=$2 began=$SECONDS
  shift 2
  log=$out/${name// /-}.log
  echo "== $name (at most $seconds s; $log)"
  timeout -k 10 "$seconds" "$@" >"$log" 2>&1
  status=$?
  elapsed=$((SECONDS - began))
}

# The last line of the log that says something: what to show of a failure.
last_words() {
  ((status == 124)) && echo "no end after the time it had, $elapsed s; last: $(grep -v '^\s*$' "$log" | tail -n 1)" && return
  grep -v '^\s*$' "$log" | grep -v '^\s*at ' | tail -n 1 | cut -c 1-200
}

# ---- what is there --------------------------------------------------------------------------------------------------

stage doctor 60 "${jvm[@]}" "$program" doctor --backend cuda
awk '/^  cuda / {on = 1; print; next} on && /^(  [a-z]|[^ ]|$)/ {exit} on {print}' "$log"
if ((status == 0)); then
  note doctor ok "$(grep -m1 -o 'device: .*' "$log")"
else
  note doctor FAILED "$(last_words)"
fi

# ---- is it right ----------------------------------------------------------------------------------------------------

stage conformance 180 "${jvm[@]}" dev.pantograph.tck.Main --markdown "$out/conformance.md" cuda
if ((status == 0)); then note conformance ok "every rule kept, $elapsed s"; else note conformance FAILED "$(last_words)"; fi

found=false
for trajectory in "$golden"/*/golden.json; do
  [[ -e $trajectory ]] || continue
  found=true
  folder=$(dirname "$trajectory")
  stage "replay $(basename "$folder")" 60 "${jvm[@]}" "$program" replay "$folder" --backend cuda
  if ((status == 0)); then
    note "replay $(basename "$folder")" ok "$(grep -m1 -i 'loss' "$log" | sed 's/^ *//')"
  else
    note "replay $(basename "$folder")" FAILED "$(last_words)"
  fi
done
$found || note replay skipped "no recorded trajectory below $golden"

train() { # NAME SECONDS BACKEND PRECISION OPTIONS...
  local name=$1 seconds=$2 backend=$3 precision=$4
  shift 4
  stage "$name" "$seconds" "${jvm[@]:0:1}" "$@" "${jvm[@]:1}" "$program" train --backend "$backend" --precision "$precision" \
    --data "$home/corpus.txt" --activation gelu-tanh --out "$out/${name// /-}" "${training[@]}"
}

# The validation loss that a run ends with.
final_loss() {
  sed -n 's/.*Done: validation loss \([0-9.]*\).*/\1/p' "$log"
}

training=(--steps "$steps" --width 128 --layers 2 --heads 2 --batch 8 --time 128)
train 'run on cpu' 90 vector f32
cpu_loss=$(final_loss)
for precision in f32 bf16; do
  train "run on gpu $precision" 60 cuda "$precision"
  gpu_loss=$(final_loss)
  if [[ -z $cpu_loss || -z $gpu_loss ]]; then
    note "$steps steps, $precision" FAILED "$(last_words)"
  elif awk -v a="$gpu_loss" -v b="$cpu_loss" 'BEGIN {d = a / b - 1; exit !(d < 0.01 && d > -0.01)}'; then
    note "$steps steps, $precision" ok "validation loss $gpu_loss, on the CPU in float32 $cpu_loss"
  else
    note "$steps steps, $precision" FAILED "validation loss $gpu_loss, on the CPU in float32 $cpu_loss: more than 1 % apart"
  fi
done

# ---- is it fast -----------------------------------------------------------------------------------------------------

# Each kernel is waited for, so that its time is its own; a step of its own speed comes after.
training=(--steps 12 --width "$width" --layers "$layers" --heads "$heads" --batch 16 --time "$time" --profile)
train 'kernels' 90 cuda bf16 "${fast[@]}" -Dpantograph.cuda.synchronous=true
peak=$(sed -n 's/.*Peak: \([0-9]*\) GFLOP.*/\1/p' "$log")
copy=$(sed -n 's/.*copy: \([0-9.]*\) GB.*/\1/p' "$log")
if ((status == 0)) && [[ -n $peak ]]; then
  sed -n '/One training step/,$p' "$log"
  note kernels ok "product in bf16 $((peak / 1000)) TFLOP/s, copy $copy GB/s; table in $log"
else
  note kernels FAILED "$(last_words)"
fi

# A contestant is a process that makes steps on demand, told through one pipe and answering through another.
start() { # NAME COMMAND...
  local name=$1 told answers
  shift
  mkfifo "$out/$name.told" "$out/$name.answers" || return 1
  # Open for both directions, so that nobody waits for somebody who has died.
  exec {told}<>"$out/$name.told" {answers}<>"$out/$name.answers"
  rm "$out/$name.told" "$out/$name.answers"
  "$@" <&"$told" >&"$answers" 2>"$out/step-$name.log" &
  pids[$name]=$! telling[$name]=$told hearing[$name]=$answers
}

# A line of a contestant's, which has so many seconds for it as long as it lives.
hear() { # NAME SECONDS
  local line second
  for ((second = 0; second < $2; second++)); do
    if read -r -t 1 line <&"${hearing[$1]}"; then
      echo "$line"
      return 0
    fi
    kill -0 "${pids[$1]}" 2>/dev/null || return 1
  done
  return 1
}

ask() { # NAME STEPS -> SECONDS LOSS
  echo "$2" >&"${telling[$1]}"
  hear "$1" 120
}

median() {
  sort -g | awk 'NF {v[++n] = $1} END {if (n) print v[int((n + 1) / 2)]}'
}

declare -A pids telling hearing times

compare() {
  local contestant answer contestants=()
  local sizes=("$batch" "$time" "$layers" "$heads" "$width" "$vocabulary")
  start ours "${jvm[@]:0:1}" "${fast[@]}" "${jvm[@]:1}" dev.pantograph.jmh.TimedSteps cuda bf16 "${sizes[@]}"
  start peer python3 "$home/gpt_step.py" "${sizes[@]}"
  for contestant in ours peer; do
    if answer=$(hear "$contestant" 120) && [[ $answer == ready* ]]; then
      contestants+=("$contestant")
      # Not counted: compilation, search, recording.
      ask "$contestant" 5 >/dev/null
    fi
  done
  for ((round = 0; round < rounds; round++)); do
    for contestant in "${contestants[@]}"; do
      if answer=$(ask "$contestant" "$steps_a_round"); then times[$contestant]+="${answer% *}"$'\n'; fi
    done
  done
  kill "${pids[@]}" 2>/dev/null
  local ours theirs model_flops
  ours=$(median <<<"${times[ours]:-}")
  theirs=$(median <<<"${times[peer]:-}")
  # 6 N + 12 L C T a token, N without the positions.
  model_flops=$(awk -v b="$batch" -v t="$time" -v l="$layers" -v c="$width" -v v="$vocabulary" \
    'BEGIN {n = 12 * l * c * c + v * c; print (6 * n + 12 * l * c * t) * b * t}')
  status=1
  if [[ -n $ours ]]; then
    note 'step of GPT-2' ok "$(awk -v s="$ours" -v f="$model_flops" -v p="${peak:-0}" -v n="$((batch * time))" 'BEGIN {
      printf "%.1f ms, %.0f tokens/s, %.1f TFLOP/s of the model", 1000 * s, n / s, f / s / 1e12
      if (p > 0) printf ", %.0f %% of the measured product", 100 * f / s / (p * 1e9)}')"
  else
    log=$out/step-ours.log
    note 'step of GPT-2' FAILED "$(last_words)"
  fi
  if [[ -n $theirs ]]; then
    note 'PyTorch, torch.compile' ok "$(awk -v s="$theirs" -v o="${ours:-0}" -v n="$((batch * time))" 'BEGIN {
      printf "%.1f ms, %.0f tokens/s", 1000 * s, n / s
      if (o > 0) printf "; ours is %.2f times as fast", s / o}')"
  else
    log=$out/step-peer.log
    note 'PyTorch, torch.compile' skipped "$(last_words)"
  fi
}

echo "== steps of GPT-2: $layers layers of width $width, batch $batch, $time tokens, bf16, in turns"
compare

# ---- all of it ------------------------------------------------------------------------------------------------------

{
  printf '\n%-28s %-8s %s\n' stage came 'to what'
  printf '%s\n' "${lines[@]}"
  printf '%s s in all; logs in %s\n' "$SECONDS" "$out"
} | tee "$out/table.txt"
exit "$failed"
