#!/usr/bin/env bash
# Runs the conformance kit on backends of this checkout, prints their coverage tables, and ends with 1 if a rule is broken.
# Builds first.
#
#   tck/conformance.sh [--markdown FILE] ID...
#
# JAVA_HOME or `java` on the PATH must be a JDK 25.

set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root modules=$root/tck/target/conformance

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ $("$java" -version 2>&1 || true) != *' version "25'* ]]; then
  echo "error: $java is no JDK 25; set JAVA_HOME to one." >&2
  exit 1
fi

parts=$(cd "$root" && printf ',%s' backends/*)
rm -rf "$modules"
(cd "$root" && ./mvnw -q -B -DskipTests -pl "tck$parts" -am package dependency:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$modules" >&2)
cp "$root"/tck/target/pantograph-tck-*.jar "$root"/backends/*/target/pantograph-backend-*.jar "$modules"

exec "$java" --module-path "$modules" --add-modules ALL-MODULE-PATH -m dev.pantograph.tck/dev.pantograph.tck.Main "$@"
