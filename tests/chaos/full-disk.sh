#!/bin/bash
# R-31. A disk that is full in the middle of a batch: told, nothing half-written, pages still read, and all well again
# by itself when there is room.
. "$(dirname "$0")/stage.sh" "a full disk in the middle of a batch" "$@"

mkdir "$folder/disk"
mount -t tmpfs -o size=64m tmpfs "$folder/disk" || fail "no small disk can be mounted: it takes root"
database=$folder/disk/netraven.db
export NETRAVEN_DATABASE_URL=sqlite://$database
# Its configuration is another one each second, so that each backup has something to keep.
simulate cisco_ios 30 --latency 150 --fault mutate=1 --bytes 60000
person
netraven settings set system.jobs.max_concurrent_jobs 15 >/dev/null
serve a
sign_in a
watch
back_up_all a
all_over 60
none "the first round is well" "SELECT id, message FROM jobs WHERE state <> 'succeeded'"

complains() { said a | grep -qiE "disk is full|no space left|full"; }
fill() { # to the last byte
  dd if=/dev/zero of="$folder/disk/filler" bs=64k status=none 2>/dev/null || true
  dd if=/dev/zero of="$folder/disk/filler" bs=1 oflag=append conv=notrunc count=4096 status=none 2>/dev/null || true
}
# Asks for more than there is room for, and remembers what was answered with "done" all the same: the log of the
# database has some room of its own.
asked=0
strain() {
  asked=$((asked + 1))
  post a /backups/run which=all || true
  if post a /tags/new "name=t-$asked" "color=#3b82f6"; then echo "t-$asked" >>"$folder/answered"; fi
  complains
}
: >"$folder/answered"
for ((round = 1; round <= $(short_long 1 10); round++)); do
  back_up_all a
  until_well 20 "no jobs run" says "SELECT count(*) FROM jobs WHERE state = 'running'" 10
  random 0 900 && nap "$chosen"
  : >"$folder/a.log.now"
  fill
  until_well 40 "a full disk is not told of" strain
  for path in / /devices /jobs /backups; do page a "$path" >/dev/null || fail "$path cannot be read on a full disk"; done
  random 1000 6000 && nap "$chosen"
  [ -e "/proc/${node_pid[a]}" ] || fail "the process has ended"
  rm "$folder/disk/filler"
  freed=$SECONDS
  until_well 30 "nothing can be written 30 s after there is room" post a /tags/new "name=room-$round" "color=#3b82f6"
  all_over 130
  say "full and free again; all jobs were over $((SECONDS - freed)) s later"
done
back_up_all a
all_over 60
none "the last round is well" "SELECT id, message FROM jobs WHERE batch_id = (SELECT max(id) FROM batches)
  AND state <> 'succeeded'"
lost=$(sort "$folder/answered" | comm -23 - <(sql "SELECT name FROM tags" | sort))
[ -z "$lost" ] || fail "answered with done, and not there: $lost"
check
