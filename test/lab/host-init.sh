#!/bin/bash
# PID 1 of one laboratory host. When it ends, the kernel ends every process, mount and interface of that host.
# host-init.sh <host directory> <host name> [<content directory> <mount point>]...
# It is bash because PID 1 must reap the daemonized qemu processes, and it needs nothing else that is not essential.
set -eu
host_directory=$1
host_name=$2
shift 2

mount --make-rprivate /
mount -t tmpfs -o mode=0755 lab-run /run
mkdir -p /run/libvirt /run/lock
# No package ships these directories; libvirtd makes them at its first start. Removing them afterwards could
# unmount those of another laboratory, so they stay, empty.
mkdir -p /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
mount --bind "$host_directory/etc" /etc/libvirt
mount --bind "$host_directory/varlib" /var/lib/libvirt
mount --bind "$host_directory/cache" /var/cache/libvirt
mount --bind "$host_directory/log" /var/log/libvirt
# A minimal installation need not have these two files, and a bind mount needs a target.
if [ -e /etc/hosts ]; then mount --bind "$host_directory/etc/hosts" /etc/hosts; fi
if [ -e /etc/machine-id ]; then mount --bind "$host_directory/etc/machine-id" /etc/machine-id; fi
mount --bind "$host_directory/etc/passwd" /etc/passwd
mount --bind "$host_directory/etc/group" /etc/group
# The sysfs of this network namespace; it also hides the cgroup tree, which both hosts would otherwise share.
mount -t sysfs sysfs /sys
while [ $# -ge 2 ]; do
  mount --bind "$1" "$2"
  shift 2
done
echo "$host_name" >/proc/sys/kernel/hostname
ip link set lo up
: >"$host_directory/ready"

set +e
libvirtd_pid=
while :; do
  if [ -e "$host_directory/run-libvirtd" ] && ! { [ -n "$libvirtd_pid" ] && kill -0 "$libvirtd_pid" 2>/dev/null; }; then
    /usr/sbin/libvirtd --listen --pid-file /run/libvirtd.pid </dev/null >>"$host_directory/log/libvirtd.out" 2>&1 &
    libvirtd_pid=$!
  fi
  # Standard input is a pipe from the test process: when that dies in any way, the read ends and so does this host.
  read -r -t 0.1 _
  if [ $? -eq 1 ]; then exit 0; fi
done
