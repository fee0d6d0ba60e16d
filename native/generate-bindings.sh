#!/bin/sh
# Generates bindings of CUDA's libraries with jextract, and compares them with the tables of the backend.
#
#   native/generate-bindings.sh FOLDER...    folders of headers, such as /usr/local/cuda/include
#
# Needs jextract (on the path, or named in JEXTRACT) and, in JAVA_HOME or on the path, the JDK 25 that builds the project. What is
# generated stays in native/target: neither it nor a header belongs to the project. Afterwards the backend can be built on it:
# ./mvnw -Pjextract ...
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=$root/native/target
package=dev.pantograph.backends.cuda.generated
jextract=${JEXTRACT:-jextract}
javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac

if [ $# -eq 0 ]; then
  sed -n 's/^#   //p' "$0" >&2
  exit 2
fi
if ! command -v "$jextract" > /dev/null; then
  echo "generate-bindings: there is no $jextract; get it from https://jdk.java.net/jextract, or name it in JEXTRACT" >&2
  exit 1
fi
case $("$javac" -version 2>&1) in
  'javac 25'*) ;;
  *)
    echo "generate-bindings: $javac is no JDK 25; set JAVA_HOME to one" >&2
    exit 1
    ;;
esac

# find HEADER FOLDER...: the first folder's
find() {
  header=$1
  shift
  for folder; do
    if [ -f "$folder/$header" ]; then
      echo "$folder/$header"
      return
    fi
  done
  echo "generate-bindings: no $header in $*" >&2
  exit 1
}

# The headers of half precision, of which nothing is used, ask for this one, which comes with another package.
rm -rf "$target"
mkdir -p "$target/sources" "$target/classes" "$target/include/nv"
: > "$target/include/nv/target"

for folder; do
  options="${options:-} -I $folder"
done
for table in driver:cuda.h cublaslt:cublasLt.h cudnn:cudnn_graph.h nvrtc:nvrtc.h nccl:nccl.h; do
  name=${table%%:*}
  header=$(find "${table##*:}" "$@")
  # nccl.h has C++'s empty parentheses, which say nothing of parameters in C.
  sed 's/ *();/(void);/' "$header" > "$target/include/$name.h"
  # shellcheck disable=SC2086 # several options
  "$jextract" $options -I "$target/include" --target-package "$package" --header-class-name "$name" \
    --output "$target/sources" "@$root/native/jextract/$name.args" "$target/include/$name.h"
done

# The backend finds the libraries, and gives each handle the address of its function with every call.
generated=$target/sources/$(echo "$package" | tr . /)
for file in "$generated"/*.java; do
  sed -e 's/SYMBOL_LOOKUP\.findOrThrow("[A-Za-z0-9_]*")/MemorySegment.NULL/' -e 's/downcallHandle(ADDR, DESC)/downcallHandle(DESC)/' \
    "$file" > "$target/edited"
  mv "$target/edited" "$file"
done

"$javac" -nowarn -d "$target/classes" "$generated"/*.java
echo "@org.jspecify.annotations.NullUnmarked package $package;" > "$generated/package-info.java"
cd "$root"
./mvnw -q -B -pl backends/cuda -am test -Dtest=GeneratedBindingsTest -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dpantograph.generated=$target/classes"
echo "generate-bindings: every function is as the tables say"
