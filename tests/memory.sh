#!/bin/sh
# The kernels' tests under tools that see every access to memory.
#
#   tests/memory.sh address [TEST…]    AddressSanitizer, all instruction sets of this CPU; 4 minutes. Not
#                                      the loads in assembly (values of A and a last vector of B in
#                                      tiles of 4×24), which valgrind sees and, past the operand's
#                                      end, guard pages
#   tests/memory.sh valgrind [TEST…]   memcheck on the AVX2 kernels (it knows no AVX-512): also every
#                                      read of a float that nobody wrote; half an hour
#   tests/memory.sh miri [TEST…]       Miri on the portable kernels: what the language forbids, too; it
#                                      needs nightly's components miri and rust-src; 14 minutes for
#                                      the few sizes that tests/common/sizes.rs has for it
#   tests/memory.sh miri-some          the three shortest files of these, for .ci/run; a minute
#
# All tests, or those of the files named, as in `tests/memory.sh valgrind sparse adam`.
#
# AddressSanitizer comes with the toolchain, but the flag for it only with nightly or when asked for
# as below. Guard pages see what lies past an operand; these see the rest.
set -eu
cd "$(dirname "$0")/.."

address() {
    host=$(rustc -vV | sed -n 's/^host: //p')
    for name in "$@"; do
        set -- "$@" --test "$name"
        shift
    done
    # With --target the sanitizer is for the tests, not for build scripts and macros.
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo test -p kernels --target "$host" "$@"
}

memcheck() {
    # On a line of its own, where a failure ends the script and says why.
    messages=$(cargo test -p kernels --no-run --message-format=json-render-diagnostics)
    binaries=$(printf '%s\n' "$messages" | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
    known=
    for binary in $binaries; do
        name=$(basename "$binary")
        known="$known ${name%-*}"
    done
    for name in "$@"; do
        case "$known " in
        *" $name "*) ;;
        *)
            echo "memcheck: no test file $name; there are$known" >&2
            exit 2
            ;;
        esac
    done
    [ -n "$known" ] || {
        echo 'memcheck: cargo named no test binary' >&2
        exit 1
    }
    for binary in $binaries; do
        name=$(basename "$binary")
        name=${name%-*}
        case " ${*:-$name} " in
        *" $name "*)
            echo "memcheck: $name"
            INITSTUDY_ISA=avx2 valgrind --quiet --error-exitcode=1 "$binary" --test-threads 1
            ;;
        esac
    done
}

miri() {
    for name in "$@"; do
        set -- "$@" --test "$name"
        shift
    done
    [ $# != 0 ] || set -- --lib --tests
    # Miri would err in the last digits of exp, ln and powi by chance, and the tests compare bits.
    INITSTUDY_ISA=portable MIRIFLAGS='-Zmiri-disable-isolation -Zmiri-deterministic-floats' \
        cargo +nightly miri test -p kernels "$@"
}

case ${1:-} in
address)
    shift
    address "$@"
    ;;
miri)
    shift
    miri "$@"
    ;;
miri-some)
    miri probes elementwise exp
    ;;
valgrind)
    shift
    memcheck "$@"
    ;;
*)
    sed -n '2,18s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
