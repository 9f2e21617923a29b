#!/bin/bash
# A Slurm cluster of one node, this machine, for as long as a command takes: munged, slurmctld and
# slurmd started by hand, as root, without systemd, all they write in a temporary folder.
#
#     tests/slurm/cluster.sh COMMAND…
#
# The command finds the cluster by SLURM_CONF; the exit code is the command's. Needs Debian's
# packages slurm-wlm and munge.
set -euo pipefail

# Within TMPDIR, whose path must leave room: that of a socket has at most 107 bytes.
folder=$(mktemp -d -t slurm.XXXXXX)
# munged wants a path that everybody may pass.
chmod 755 "$folder"
daemons=()

tear_down() {
    set +e
    [[ -e "$folder/up" ]] && scancel --full --signal=KILL --user=root && scancel --user=root
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
        kill "${daemons[i]}" 2>/dev/null
        wait "${daemons[i]}" 2>/dev/null
    done
    rm -rf "$folder"
}
trap tear_down EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# Starts a daemon that stays in the foreground, and remembers it.
start() {
    "$@" >>"$folder/daemons.log" 2>&1 &
    daemons+=($!)
}

# Waits for something to come true, for a minute at most.
wait_for() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    echo "cluster.sh: waited a minute for: $*" >&2
    tail -n 20 "$folder"/*.log >&2
    return 1
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 30000)); do
        # Nothing listens where nothing can be connected to.
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

mkdir "$folder/state" "$folder/spool"
dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 status=none
chmod 400 "$folder/munge.key"
start munged --foreground --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" \
    --log-file="$folder/munged.log" --pid-file="$folder/munged.pid" --seed-file="$folder/munged.seed"
wait_for munge --socket="$folder/munge.socket" --no-input

node=$(hostname -s)
cat >"$folder/slurm.conf" <<CONF
ClusterName=initstudy
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
# A requeued job waits until the old credential has expired, two minutes by default.
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
ReturnToService=2
KillWait=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
# Without a cgroup file system the version that is asked for is never used, but must be named.
echo CgroupPlugin=cgroup/v1 >"$folder/cgroup.conf"
export SLURM_CONF="$folder/slurm.conf"

start slurmctld -D
wait_for scontrol ping
start slurmd -D -N "$node"
idle() { [[ $(sinfo --noheader --format=%T) == idle ]]; }
wait_for idle
touch "$folder/up"

"$@"
