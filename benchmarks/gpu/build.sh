#!/usr/bin/env bash
# Builds the harness as one self-contained file for x86-64 Linux: taas-gpu-bench, with torch_peer.py and run.sh beside it.
#   benchmarks/gpu/build.sh [FOLDER]      default: artifacts/gpu
# Needs the .NET 10 SDK here; where the folder is taken to, an NVIDIA driver and a Python with PyTorch are enough.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../../artifacts/gpu}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false

command -v dotnet >/dev/null || { echo "build.sh: the .NET 10 SDK is missing; './taas test' brings it" >&2; exit 3; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
dotnet publish "$here/TaaS.Benchmarks.Gpu.csproj" --artifacts-path "$folder.build" -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true -p:DebugType=none -o "$folder" -v q -clp:ErrorsOnly
cp "$here/run.sh" "$here/torch_peer.py" "$folder/"
echo "build.sh: $folder/taas-gpu-bench, $(du -m "$folder/taas-gpu-bench" | cut -f1) MiB"
