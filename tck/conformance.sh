#!/usr/bin/env bash
# Runs the conformance kit on backends of this checkout, prints their coverage tables, and ends with 1 if a rule is broken.
# Builds first.
#
#   tck/conformance.sh [--markdown FILE] ID...
#
# JAVA_HOME or `java` on the PATH must be a JDK 25.

set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root jars=$root/tck/target/conformance

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ $("$java" -version 2>&1 || true) != *' version "25'* ]]; then
  echo "error: $java is no JDK 25; set JAVA_HOME to one." >&2
  exit 1
fi

parts=$(cd "$root" && printf ',%s' backends/*)
rm -rf "$jars"
# The tests' dependencies carry the native libraries of some backends.
(cd "$root" && ./mvnw -q -B -Dmaven.test.skip=true -pl "tck$parts" -am package dependency:copy-dependencies \
  -DincludeScope=test -DoutputDirectory="$jars" >&2)
cp "$root"/backends/*/target/pantograph-backend-*.jar "$root"/tck/target/pantograph-tck-*.jar "$jars"

exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "$jars/*" dev.pantograph.tck.Main "$@"
