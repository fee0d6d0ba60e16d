#!/usr/bin/env bash
# Makes one archive with which a machine that has neither a JDK nor a network verifies its GPU: a Java runtime of the modules that
# are needed, Pantograph with its benchmarks and its conformance kit, text to train on, and verify-gpu.sh.
#
#   native/package-runtime.sh [--golden DIR] [ARCHIVE]
#
#   --golden DIR   folder with recorded trajectories, one a folder, for `replay`
#   ARCHIVE        default: target/pantograph-gpu.tar.gz
#
# JAVA_HOME or `java` on the PATH must be a JDK 25 for Linux, of the architecture of the machine with the GPU.

set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
golden=''
archive=$root/target/pantograph-gpu.tar.gz
while (($#)); do
  case $1 in
    --golden) golden=$(cd -P "$2" && pwd) && shift 2 ;;
    -*) echo "error: no option is named $1; see the head of $0." >&2 && exit 2 ;;
    *) archive=$1 && shift ;;
  esac
done
readonly root golden archive image=$root/target/pantograph-gpu

tools=${JAVA_HOME:+$JAVA_HOME/bin/}
if [[ $("${tools}java" -version 2>&1 || true) != *' version "25'* ]]; then
  echo "error: ${tools}java is no JDK 25; set JAVA_HOME to one." >&2
  exit 1
fi

(cd "$root" && ./mvnw -q -B -DskipTests -pl tck,jmh -am package >&2)
(cd "$root" && ./mvnw -q -B -DskipTests -pl tck -am package dependency:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$root/tck/target/runtime" >&2)

rm -rf "$image"
mkdir -p "$image/lib"
# The benchmarks hold the whole program, all backends included.
cp "$root/jmh/target/benchmarks.jar" "$root"/tck/target/pantograph-tck-*.jar "$image/lib"
find "$root/tck/target/runtime" -name '*.jar' ! -name 'pantograph-*' -exec cp {} "$image/lib" \;
cp "$root/native/verify-gpu.sh" "$root/native/gpt_step.py" "$image"
[[ -z $golden ]] || cp -R "$golden" "$image/golden"
# Something to learn from: this project.
find "$root" \( -name target -o -name .git \) -prune -o \( -name '*.java' -o -name '*.md' \) -print0 | sort -z |
  xargs -0 cat >"$image/corpus.txt"

modules=java.base,java.compiler,java.logging,java.management,java.net.http,java.sql,java.xml
modules+=,jdk.compiler,jdk.httpserver,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs
"${tools}jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress=zip-6 \
  --output "$image/runtime"

tar -C "$(dirname "$image")" -czf "$archive" "$(basename "$image")"
echo "$archive, $(du -h "$archive" | cut -f1): unpack it on the machine with the GPU and run pantograph-gpu/verify-gpu.sh"
