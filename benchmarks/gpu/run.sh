#!/usr/bin/env bash
# Runs the conformance suite on a GPU, then every benchmark beside PyTorch, and leaves gpu.json, gpu.md and gpu-roofline.svg.
#   run.sh [FOLDER] [OPTION…]             default folder: $OUT, or else ./gpu-results
# Options go to taas-gpu-bench: --device cuda:1, --filter gemm, --only conformance, --rounds 5, …
#   run.sh [FOLDER] --sanitize [OPTION…]  the conformance suite under compute-sanitizer instead: memcheck, then racecheck
# PYTHON names the interpreter that has PyTorch (default: python3); TAAS_GPU_BENCH another harness than the one built beside this file.
# Exit codes: 0 done, 1 a check or a kernel failed, 2 wrong command line, 3 no driver, no GPU, or no harness.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
out=${OUT:-gpu-results}
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
    out=$1
    shift
fi

for bench in "${TAAS_GPU_BENCH:-}" "$here/taas-gpu-bench" "$here/../../artifacts/gpu/taas-gpu-bench"; do
    [ -n "$bench" ] && [ -x "$bench" ] && break
    bench=
done
[ -n "$bench" ] || { echo "run.sh: taas-gpu-bench is not built; run benchmarks/gpu/build.sh" >&2; exit 3; }

if [ "${1:-}" = --sanitize ]; then
    shift
    command -v compute-sanitizer >/dev/null || { echo "run.sh: there is no compute-sanitizer; it comes with the CUDA toolkit" >&2; exit 3; }
    # Buffers of exactly their size, or an access beyond one would fall into the allocator's rounding.
    export TAAS_GPU_EXACT_MEMORY=1
    for tool in memcheck racecheck; do
        compute-sanitizer --tool "$tool" --error-exitcode 1 "$bench" --out "$out/$tool" --only conformance "$@"
    done
    exit
fi

peer=()
if command -v "$python" >/dev/null; then
    peer=(--peer "$python" "$here/torch_peer.py")
else
    echo "run.sh: there is no $python; the table goes without PyTorch" >&2
fi

exec "$bench" --out "$out" "${peer[@]}" "$@"
