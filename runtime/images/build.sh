#!/usr/bin/env bash
# Builds the OCI image `taas`: runtime and command, non-root, on nothing but the Debian packages that they need;
# with --operator the image `taas-operator`: the Kubernetes operator, in the same way.
#   runtime/images/build.sh                            image `taas` in this machine's container storage
#   runtime/images/build.sh --archive taas.tar         and as an OCI archive, to carry to another machine
#   runtime/images/build.sh --base docker.io/library/debian:12-slim   on an image of your own, which brings glibc, libstdc++, OpenSSL
#   runtime/images/build.sh --cuda --cuda-libraries /usr/local/cuda/lib64
#   runtime/images/build.sh --operator                 image `taas-operator`, for scheduler/deploy
# Options: --operator, --tag NAME, --base IMAGE, --cuda, --cuda-libraries FOLDER, --archive FILE, --context FOLDER (stop before the image).
# The same inputs are not built twice. SOURCE_DATE_EPOCH dates all files; by default it is the last commit's time.
# TAAS_CONTAINER_STORAGE holds options of buildah that choose its storage: --storage-driver, --root, --runroot.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work="$root/artifacts/image"
read -r -a storage <<<"${TAAS_CONTAINER_STORAGE:-}"
buildah=(buildah "${storage[@]}")
max_bytes=150000000
user=10001
# What a self-contained .NET program links to or reads; a choice of names where releases differ.
packages=(libc6 "gcc-14-base|gcc-12-base" libgcc-s1 libstdc++6 zlib1g "libssl3t64|libssl3" ca-certificates tzdata)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false

say() { echo "build.sh: $*" >&2; }
usage() { say "$*"; exit 2; }
missing() { say "$*"; exit 3; }
fail() { say "$*"; exit 1; }

tag="" base="" variant=taas cuda_libraries="" archive="" context=""
while [ $# -gt 0 ]; do
    option=$1
    case "$option" in
    --cuda | --operator)
        [ "$variant" = taas ] || usage "--cuda and --operator make different images; choose one"
        variant=${option#--}; shift; continue ;;
    --help | -h) sed -n '2,11s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    --tag | --base | --cuda-libraries | --archive | --context) ;;
    *) usage "'$option' is no option here; --help lists them" ;;
    esac
    [ -n "${2:-}" ] || usage "$option needs a value"
    case "$option" in
    --tag) tag=$2 ;;
    --base) base=$2 ;;
    --cuda-libraries) cuda_libraries=$2 ;;
    --archive) archive=$2 ;;
    --context) context=$2 ;;
    esac
    shift 2
done
command=taas project=runtime/TaaS.Cli sources=(kernels engine runtime scheduler) description="TaaS.Engine: parameter servers and workers"
if [ "$variant" = operator ]; then
    command=taas-operator project=scheduler/TaaS.Operator sources=(scheduler runtime/images) description="TaaS.Engine: Kubernetes operator and gang scheduler"
fi
if [ -z "$tag" ]; then tag=$command; [ "$variant" = cuda ] && tag=taas:cuda; fi
if [ -n "$cuda_libraries" ]; then
    [ "$variant" = cuda ] || usage "--cuda-libraries needs --cuda"
    compgen -G "$cuda_libraries/libcublasLt.so.*" >/dev/null || usage "--cuda-libraries: $cuda_libraries holds no libcublasLt.so.*"
fi
[ "$(uname -m)" = x86_64 ] || missing "the image is for x86-64 and is built there; this machine is $(uname -m)"
command -v dotnet >/dev/null || missing "the .NET 10 SDK is missing; './taas image' brings it"
[ -n "$context" ] || command -v buildah >/dev/null || missing "buildah is missing; './taas image' brings it"

# The packages by the names that they have here; apt verifies what it fetches against the archive's signatures.
choose_packages() {
    command -v apt-get >/dev/null || missing "the base is made of Debian packages, and there is no apt-get here; give a base image: --base docker.io/library/debian:12-slim"
    local choice name known
    known=$(apt-cache show --no-all-versions $(printf '%s\n' "${packages[@]}" | tr '|' '\n') 2>/dev/null | sed -n 's/^Package: //p') || true
    for choice in "${packages[@]}"; do
        for name in ${choice//|/ }; do
            if grep -qxF "$name" <<<"$known"; then echo "$name"; continue 2; fi
        done
        missing "apt knows no package ${choice//|/ or }; run 'apt-get update' as root, or give a base image: --base docker.io/library/debian:12-slim"
    done
}

# digest: what the image is made of, in one word.
digest_inputs() {
    (
        cd "$root"
        find "${sources[@]}" -name bin -prune -o -name examples -prune -o -name obj -prune -o -name artifacts -prune -o -type f -print0 |
            sort -z | xargs -0 sha256sum
        sha256sum Directory.* global.json LICENSE
        dotnet --version
        echo "$base $variant ${SOURCE_DATE_EPOCH_GIVEN:-}"
        [ -z "$base" ] && apt-get download --print-uris "${names[@]}" | sed 's/^.* //'
        [ -n "$cuda_libraries" ] && ls -lLn "$cuda_libraries"
        true
    ) | sha256sum | cut -d' ' -f1
}

# Unpacks the packages, keeps what a program needs at run time, and notes them where scanners look.
unpack_packages() {
    mkdir -p "$work/debs" "$rootfs"/usr/{bin,lib,lib64,sbin} "$rootfs/var/lib/dpkg/status.d"
    rm -f "$work"/debs/*
    local sandbox=() deb name folder
    [ "$(id -u)" = 0 ] && sandbox=(-o APT::Sandbox::User=root)
    (cd "$work/debs" && apt-get download -qq "${sandbox[@]}" "${names[@]}") || fail "the Debian packages could not be downloaded; run 'apt-get update' as root and try again"
    for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$rootfs/$folder"; done
    for deb in "$work"/debs/*.deb; do
        name=$(dpkg-deb -f "$deb" Package)
        dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$rootfs"
        dpkg-deb -f "$deb" >"$rootfs/var/lib/dpkg/status.d/$name"
    done
    # What a maintainer script would have made.
    mkdir -p "$rootfs/etc/ssl/certs"
    find "$rootfs/usr/share/ca-certificates" -name '*.crt' -print0 | sort -z | xargs -0 cat >"$rootfs/etc/ssl/certs/ca-certificates.crt"
    # The program formats without a locale; licences stay, other documents go.
    rm -rf "$rootfs"/usr/lib/x86_64-linux-gnu/{gconv,audit,perl5,engines-3} "$rootfs"/usr/share/{ca-certificates,lintian,man,locale,zoneinfo/right,zoneinfo/posix} \
        "$rootfs"/usr/sbin/* "$rootfs"/usr/share/doc/*/{changelog*,NEWS*,README*,examples}
    printf 'root:x:0:0:root:/:/usr/sbin/nologin\ntaas:x:%s:%s:taas:/work:/usr/sbin/nologin\n' "$user" "$user" >"$rootfs/etc/passwd"
    printf 'root:x:0:\ntaas:x:%s:\n' "$user" >"$rootfs/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$rootfs/etc/nsswitch.conf"
}

publish_command() {
    say "publishing $command (first time: about a minute)"
    # Self-contained and not trimmed: ILGPU finds its kernels by reflection, Kubernetes' client its types. Compiled ahead, so that it starts fast.
    dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained --artifacts-path "$work/dotnet" -o "$rootfs/usr/lib/$command" \
        -p:PublishReadyToRun=true -p:DebugType=none -p:GenerateDocumentationFile=false -p:PathMap="$root=/src" \
        -v q -clp:ErrorsOnly >"$work/publish.log" 2>&1 || { grep -E 'error' "$work/publish.log" | sort -u | head -n 10 >&2; fail "publishing failed; the whole log is $work/publish.log"; }
    chmod -R u=rwX,go=rX "$rootfs/usr/lib/$command"
    ln -s "../lib/$command/$command" "$rootfs/usr/bin/$command"
    install -D -m 644 "$root/LICENSE" "$rootfs/usr/share/doc/$command/copyright"
}

copy_cuda_libraries() {
    mkdir -p "$rootfs/usr/lib/taas-cuda"
    [ -n "$cuda_libraries" ] || return 0
    local library
    for library in "$cuda_libraries"/lib{cublas,cublasLt,cudnn,cudnn_*,nvrtc,nvrtc-builtins}.so.*; do
        [ -e "$library" ] && cp -P "$library" "$rootfs/usr/lib/taas-cuda/"
    done
    return 0
}

build_context() {
    rm -rf "$stage"
    rootfs="$stage/rootfs"
    mkdir -p "$rootfs/usr/bin" "$rootfs/usr/lib" "$rootfs/work" "$rootfs/tmp"
    [ -n "$base" ] || unpack_packages
    publish_command
    [ "$variant" = cuda ] && copy_cuda_libraries
    # Whoever the container runs as may write to an unmounted run folder.
    chmod 1777 "$rootfs/tmp" "$rootfs/work"
    cp "$here/Containerfile" "$stage/"
}

bytes_of_image() {
    "${buildah[@]}" images --format '{{.Size}}' "$tag" | awk 'NR == 1 { unit["B"] = 1; unit["KB"] = 1e3; unit["MB"] = 1e6; unit["GB"] = 1e9; printf "%d", $1 * unit[toupper($2)] }'
}

build_image() {
    local version revision
    version=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' "$root/Directory.Build.props")
    revision=$(git -C "$root" describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || true)
    "${buildah[@]}" build --quiet --format oci --layers=false --target "$variant" --build-arg "BASE=${base:-scratch}" --timestamp "$SOURCE_DATE_EPOCH" \
        --label "org.opencontainers.image.title=$command" \
        --label "org.opencontainers.image.description=$description" \
        --label org.opencontainers.image.licenses=Apache-2.0 \
        --label "org.opencontainers.image.authors=The TaaS.Engine authors" \
        --label "org.opencontainers.image.version=$version" \
        --label "org.opencontainers.image.revision=$revision" \
        ${base:+--label "org.opencontainers.image.base.name=$base"} \
        --label "dev.taas.inputs=$inputs" \
        --file "$stage/Containerfile" --tag "$tag" "$stage" >"$work/buildah.log" 2>&1 || { tail -n 5 "$work/buildah.log" >&2; fail "buildah could not build the image; the whole log is $work/buildah.log"; }
}

mkdir -p "$work"
exec 9>"$work/lock"
flock 9
names=()
[ -n "$base" ] || mapfile -t names < <(choose_packages)
[ -n "$base" ] || [ "${#names[@]}" = "${#packages[@]}" ] || exit 3
SOURCE_DATE_EPOCH_GIVEN=${SOURCE_DATE_EPOCH:-}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}
inputs=$(digest_inputs)
stage=${context:-$work/context}

if [ -n "$context" ]; then
    [ ! -e "$context" ] || usage "--context: $context exists already"
    build_context
    say "the context is $context; build it with its Containerfile"
    exit 0
fi
same=$("${buildah[@]}" images --quiet --no-trunc --filter "label=dev.taas.inputs=$inputs" 2>/dev/null | head -n 1)
if [ -n "$same" ]; then
    "${buildah[@]}" tag "$same" "$tag"
    say "$tag is up to date"
else
    build_context
    build_image
    rm -rf "$stage"
    # Earlier images of this script that lost their name; one that a container still uses stays.
    "${buildah[@]}" images --quiet --filter dangling=true --filter label=dev.taas.inputs | xargs -r -n 1 "${buildah[@]}" rmi >/dev/null 2>&1 || true
fi
bytes=$(bytes_of_image)
say "$tag: $((bytes / 1000000)) MB unpacked"
if [ -z "$base$cuda_libraries" ] && [ "$bytes" -gt "$max_bytes" ]; then
    fail "the image has grown beyond $((max_bytes / 1000000)) MB; look for what a program does not need at run time"
fi
if [ -n "$archive" ]; then
    rm -f "$archive"
    # By its whole name: what a node's containerd imports is then found by the name that stands in a pod.
    name=$tag
    [[ "$name" == */* ]] || name=localhost/$name
    [[ "${name##*/}" == *:* ]] || name=$name:latest
    "${buildah[@]}" push --quiet "$tag" "oci-archive:$archive:$name" >/dev/null
    say "$archive: $(($(stat -c %s "$archive") / 1000000)) MB compressed"
fi
