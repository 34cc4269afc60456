#!/bin/bash
# Stands for the commands of LVM, as far as libvirt's logical pools use them, on a kernel without device mapper: a volume
# group is a directory, a logical volume a file in it that a loop device makes a block device of. Named by the link that
# it is called through: lvs, vgs, lvcreate and so on. The groups are where /etc/libvirt/volume-groups says.
set -eu
readonly EXTENT=4194304
groups=$(cat /etc/libvirt/volume-groups)
command=${0##*/}
group=
volume=
bytes=0
while [ $# -gt 0 ]; do
  case $1 in
    --name) volume=$2; shift ;;
    -L) bytes=$((${2%K} * 1024)); shift ;;
    --separator | --units | --options | -o) shift ;;
    -*) ;;
    *) group=${1#/dev/} ;;
  esac
  shift
done
if [ "${group#*/}" != "$group" ]; then
  volume=${group#*/}
  group=${group%%/*}
fi
files=$groups/$group

each_volume() {
  for file in "$files"/*; do
    if [ -f "$file" ]; then "$1" "$file"; fi
  done
}
line_of_volume() {
  local size
  size=$(stat --format %s "$1")
  # As a real one, its identity is the same on every host, and that of no other volume of this name.
  echo "  ${1##*/}##$(stat --format %i-%W "$1")#/dev/none(0)#linear#1#$size#$EXTENT#$size#-wi-a-----"
}
count() { used=$((used + $(stat --format %s "$1"))); }

case $command in
  vgchange | vgscan | lvchange) ;;
  pvs) for of_group in "$groups"/*/; do echo "  /dev/none $(basename "$of_group")"; done ;;
  vgs)
    used=0
    each_volume count
    total=$((1 << 40))
    echo "  $total:$((total - used))"
    ;;
  lvs) each_volume line_of_volume ;;
  lvcreate)
    truncate --size $(((bytes + EXTENT - 1) / EXTENT * EXTENT)) "$files/$volume"
    ln --symbolic "$(losetup --find --show "$files/$volume")" "/dev/$group/$volume"
    ;;
  lvremove)
    losetup --detach "$(readlink "/dev/$group/$volume")"
    rm "/dev/$group/$volume" "$files/$volume"
    ;;
  *) echo "no stand-in for $command" >&2; exit 1 ;;
esac
