#!/bin/sh
# Generates bindings of CUDA's libraries with jextract, and compares them with the tables of the backend.
#
#   native/generate-bindings.sh FOLDER...    folders of headers, such as /usr/local/cuda/include
#
# Needs jextract (on the path, or named in JEXTRACT) and the JDK that builds the project. What is generated stays in
# native/target: neither it nor a header belongs to the project.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=$root/native/target
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
  # shellcheck disable=SC2086 # several options
  "$jextract" $options -I "$target/include" --target-package generated --header-class-name "$name" \
    --output "$target/sources" "@$root/native/jextract/$name.args" "$header"
done

"$javac" -nowarn -d "$target/classes" "$target"/sources/generated/*.java
cd "$root"
./mvnw -q -B -pl backends/cuda -am test -Dtest=GeneratedBindingsTest -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dpantograph.generated=$target/classes"
echo "generate-bindings: every function is as the tables say"
