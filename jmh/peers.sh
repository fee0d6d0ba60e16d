#!/usr/bin/env bash
# Compares Pantograph with other implementations, taking turns on this machine (docs/peers.md). Builds first if needed.
#
#   jmh/peers.sh matmul [options]   products of training shapes: OpenBLAS, MKL, libtorch
#   jmh/peers.sh step [options]     a GPT training step: DJL, Python's PyTorch, llm.c
#
# `jmh/peers.sh step --help` lists the options. JAVA_HOME or `java` on the PATH must be a JDK 25.

set -euo pipefail

jmh=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$jmh")
readonly jmh root
readonly benchmarks=$jmh/target/benchmarks.jar libraries=$jmh/target/peers stamp=$jmh/target/peers.stamp

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ $("$java" -version 2>&1 || true) != *' version "25'* ]]; then
  echo "error: $java is no JDK 25; set JAVA_HOME to one." >&2
  exit 1
fi

# Whether nothing is newer than the last build with the profile: no source, nor benchmarks built without it.
is_current() {
  [[ -e $stamp ]] || return 1
  local changed
  changed=$(cd "$root" && find pom.xml {spi,core,backends/*,jmh}/pom.xml {spi,core,backends/*}/src/main jmh/src \
      "$benchmarks" -type f -newer "$stamp" -print -quit)
  [[ -z $changed ]]
}

if ! is_current; then
  echo 'Building the benchmarks with the profile `peers` (the first time this fetches 300 MB) ...' >&2
  (cd "$root" && ./mvnw -q -B -Ppeers -pl jmh -am -Dmaven.test.skip=true package >&2)
  touch "$stamp"
fi

# A tuning variable left in the environment would be felt by one contestant alone.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS MKL_NUM_THREADS MKL_DYNAMIC OMP_NUM_THREADS

command=${1:-help}
options=()
case $command in
  matmul) options=(--natives "$jmh/target/peers-natives") ;;
  step) options=(--natives "$jmh/target/peers-natives" --script "$jmh/peers/gpt_step.py") ;;
esac
# The compiler's own thresholds: the lower ones of the launcher cost GPT-2's products a fifth (docs/results/cpu.md).
exec "$java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseParallelGC \
  -cp "$benchmarks:$libraries/*" dev.pantograph.jmh.PeerMain "$command" ${options[@]+"${options[@]}"} "${@:2}"
