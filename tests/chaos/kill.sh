#!/bin/bash
# R-01. Killed again and again in the middle of a batch: every job ends, none is lost, no version is doubled, what was
# told as done stays done, and what was interrupted says so and is taken again within lease + 30 s.
. "$(dirname "$0")/stage.sh" "kill -9 at random moments of a batch of 200 devices" "$@"

simulate cisco_ios 200 --latency 40
person
netraven settings set system.jobs.max_concurrent_jobs 20 >/dev/null
watch

# Somebody at a console, whose program dies first; what it has printed by then was promised.
netraven backup run --all --json --concurrency 20 >"$folder/told" 2>/dev/null &
node_pid[console]=$!
disown $!
: >"$folder/console.log.now"
until_well 60 "the console backs nothing up" test -s "$folder/told"
random 300 1500 && nap "$chosen"
kill_node console
say "the console told of $(wc -l <"$folder/told") backups and was killed"

serve a
sign_in a
kills=$(short_long 4 50)
for ((kill = 1; kill <= kills; kill++)); do
  if none_waits; then back_up_all a; fi
  random 100 2000 && nap "$chosen"
  kill_node a
  serve a
done
say "$kills more kills; $(sql "$over") jobs are over"
# A lease of 60 s, 30 s to notice, and the work itself.
all_over $((60 + 30 + 60))

says "SELECT count(*) FROM jobs WHERE attempt > 1" 1 || fail "no kill interrupted anything"
none "an interrupted attempt is told" "SELECT id FROM jobs WHERE attempt > 1 AND state = 'succeeded'
  AND id NOT IN (SELECT job_id FROM entries WHERE text LIKE '%interrupted%')"
none "an interrupted job is taken again within lease + 30 s" "SELECT job_id, pause FROM
  (SELECT job_id, text, (julianday(at) - julianday(LAG(at) OVER (PARTITION BY job_id ORDER BY seq))) * 86400 AS pause
  FROM entries) v WHERE text LIKE '%interrupted%' AND pause > 95"
none "every device has its version" "SELECT name FROM devices WHERE id NOT IN (SELECT device_id FROM backups)
  AND id NOT IN (SELECT device_id FROM jobs WHERE state = 'discarded')"
while read -r job version; do
  [ "$(sql "SELECT state, backup_id FROM jobs WHERE id = $job")" = "succeeded $version" ] ||
    fail "job $job was told as stored in version $version and is not"
done < <(sed -n 's/.*"backup":\([0-9]*\).*"job":\([0-9]*\).*/\2 \1/p' "$folder/told")
check
say "$(sql "SELECT count(*) FROM jobs WHERE attempt > 1") jobs were interrupted"
