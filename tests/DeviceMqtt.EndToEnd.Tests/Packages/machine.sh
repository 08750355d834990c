#!/bin/sh
# Starts systemd in a folder, in namespaces of its own: unshare --fork --pid --mount --net --ipc --uts --cgroup machine.sh FOLDER NAME [over]
# The folder is one that debootstrap made. With 'over' it is empty, and gets the file system of this machine, of which nothing is changed: what is
# written goes into memory. Then nothing that this machine would start is started, but for what systemd itself needs.
set -e
root=$1
mount --make-rprivate /
unit=
if [ "$3" = over ]; then
    mount -t tmpfs -o mode=755 tmpfs "$root"
    mkdir "$root/changed" "$root/work" "$root/all"
    mount -t overlay -o "lowerdir=/,upperdir=$root/changed,workdir=$root/work" overlay "$root/all"
    root=$root/all
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    unit=--unit=basic.target
    rm -f "$root/usr/sbin/policy-rc.d" # which in an image keeps packages from starting what they bring
    rm -f "$root/var/lib/man-db/auto-update" # or each package that comes has the manual of all of them indexed anew
else
    mount --bind "$root" "$root"
fi
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir -p "$root/dev/shm" "$root/dev/pts" "$root/old"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t cgroup2 none "$root/sys/fs/cgroup"
hostname "$2"
echo "$2" > "$root/etc/hostname" # systemd names the machine by it
echo "127.0.0.1 localhost $2 $2.local" > "$root/etc/hosts"
cd "$root"
pivot_root . old
umount -l /old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init --log-target=null $unit </dev/null
