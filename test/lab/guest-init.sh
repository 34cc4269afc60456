#!/bin/sh
# /init of the tiny guest. Says on ttyS0 who it is and from which disks, then ticks, so that a test can tell a
# continued guest (same boot id, next tick) from a restarted one.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
# Alerts too: a kernel that has lost its mind says so, instead of falling silent.
dmesg -n 2

dirty_mib=0
for word in $(cat /proc/cmdline); do
  case $word in
  lab.dirty=*) dirty_mib=${word#lab.dirty=} ;;
  lab.probe)
    echo "LAB PROBE"
    poweroff -f
    ;;
  esac
done

# In the order in which they need each other; the further passes are for kernel releases in which it is another one.
modules='virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk button evdev'
for pass in 1 2 3 4; do
  left=
  for module in $modules; do
    insmod "/modules/$module.ko" 2>/dev/null || left="$left $module"
  done
  modules=$left
  [ -n "$modules" ] || break
done

role=none
data=none
boots=0
attempt=0
while [ ! -b /dev/vda ] && [ $attempt -lt 50 ]; do
  attempt=$((attempt + 1))
  sleep 0.1
done
if mount -t ext4 /dev/vda /mnt/vda 2>/dev/null; then
  read -r role </mnt/vda/ROLE
  read -r boots </mnt/vda/BOOTS
  boots=$((boots + 1))
  echo $boots >/mnt/vda/BOOTS.new
  sync
  mv /mnt/vda/BOOTS.new /mnt/vda/BOOTS
  sync
  if [ -e /mnt/vda/DATA ]; then data=$(sha256sum </mnt/vda/DATA | cut -d' ' -f1); fi
fi

second=none
second_data=none
# Without noload even a read-only mount would replay the journal, that is, write to the disk under repair.
if [ -b /dev/vdb ] && mount -t ext4 -o ro,noload /dev/vdb /mnt/vdb 2>/dev/null; then
  read -r second </mnt/vdb/ROLE
  if [ -e /mnt/vdb/DATA ]; then second_data=$(sha256sum </mnt/vdb/DATA | cut -d' ' -f1); fi
  umount /mnt/vdb
fi

read -r boot </proc/sys/kernel/random/boot_id
read -r marker </MARKER
echo "LAB BOOT role=$role second=$second boot=$boot boots=$boots data=$data second_data=$second_data marker=$marker"

for events in /dev/input/event*; do
  # The one input device that ever reports anything here is the ACPI power button.
  if [ -e "$events" ]; then (head -c 1 "$events" >/dev/null && sync && poweroff -f) & fi
done

if [ "$dirty_mib" -gt 0 ]; then
  (
    # Random, because pages of zeroes are not really transferred when a guest migrates.
    dd if=/dev/urandom of=/block bs=65536 count=16 2>/dev/null
    while :; do
      mib=0
      while [ $mib -lt "$dirty_mib" ]; do
        dd if=/block of=/dirty bs=1048576 seek=$mib conv=notrunc 2>/dev/null
        mib=$((mib + 1))
      done
    done
  ) &
fi

# The pause between two ticks is a read that nobody answers, within this very process: a `sleep` would be a new one each
# time, whose pages an emulated migration would have to copy again and again, and now and then gets wrong.
mkfifo /pause
exec 9<>/pause
tick=0
while :; do
  tick=$((tick + 1))
  read -r up idle </proc/uptime
  echo "LAB TICK $tick boot=$boot up=$up"
  read -r -t 0.2 nothing <&9
done
