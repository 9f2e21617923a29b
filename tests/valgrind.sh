#!/bin/sh
# Runs the AVX2 tests of the kernels' dense product under memcheck: every read of a float that was
# never written, or past an allocation, is an error.
#
#   tests/valgrind.sh [TEST FILTER]
set -eu
cd "$(dirname "$0")/.."
binary=$(cargo test -p kernels --test gemm_edges --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*gemm_edges[^"]*\)".*/\1/p')
INITSTUDY_ISA=avx2 exec valgrind --quiet --error-exitcode=1 "$binary" --test-threads 1 \
    "${1:-a_row_has_the_same_bits_however_many_rows_there_are}"
