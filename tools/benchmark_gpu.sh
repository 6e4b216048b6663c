#!/usr/bin/env bash
# Print the whole table of a GPU machine: all models in every mode, and the area sweep.
#   tools/benchmark_gpu.sh [options of benchmark.py]
# Writes OUT.json, OUT.md, OUT.svg and OUT_area.svg; about an hour, of which torch.compile
# takes half. Ctrl-C keeps what is measured. Set in the environment:
#   OUT      where to write; default: docs/benchmark/gpu
#   MODELS, MODES, ROUNDS  instead of the lists below
#   DEVICE   default: cuda;  QUICK=1: small and short, to see whether it runs, also on a CPU
set -euo pipefail

case ${1:-} in -h | --help)
    sed -n 2,9p "$0"
    exit 0
    ;;
esac

TOOLS=$(cd "$(dirname "$0")" && pwd)
PYTHON=${PYTHON:-python}
DEVICE=${DEVICE:-cuda}
OUT=${OUT:-docs/benchmark/gpu}
MODELS=${MODELS:-ours td-hm_res50 ours+plain hrnet-w32 rtmpose-m vitpose-s vitpose-b}
MODES=${MODES:-bf16 float32 fp16 bf16,channels-last bf16,compile bf16,channels-last,compile
    float32,fuse-bn fp16,channels-last,fuse-bn}

ARGUMENTS=(--device "$DEVICE" --sweep-area --out "$OUT")
# The lists are of words without spaces.
# shellcheck disable=SC2206
ARGUMENTS+=(--models $MODELS --modes $MODES)
if [ -n "${ROUNDS:-}" ]; then
    ARGUMENTS+=(--rounds "$ROUNDS")
fi
if [ "${QUICK:-0}" != 0 ]; then
    ARGUMENTS+=(--quick)
fi

exec "$PYTHON" "$TOOLS/benchmark.py" "${ARGUMENTS[@]}" "$@"
