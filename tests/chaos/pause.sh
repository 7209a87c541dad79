#!/bin/bash
# R-03. A worker that sleeps past its leases while another finishes its jobs: what it brings afterwards is refused and
# told, and each device has one version.
. "$(dirname "$0")/stage.sh" "a worker sleeps past its lease, another finishes, it wakes" "$@"

use_postgres
simulate cisco_ios 12 --latency 300
person
netraven settings set system.jobs.max_concurrent_jobs 12 >/dev/null
serve a
sign_in a
watch
running="SELECT count(*) FROM jobs WHERE state = 'running'"
refusals() { [ "$(said a | grep -c "lost to another worker")" -ge "$1" ]; }
for ((round = 1; round <= $(short_long 1 8); round++)); do
  back_up_all a
  until_well 20 "no jobs run" says "$running" 6
  random 200 2200 && nap "$chosen"
  signal STOP a
  held=$(sql "$running")
  [ "$held" -gt 0 ] || fail "nothing was under way when the worker fell asleep"
  serve b
  all_over $((60 + 30 + 30))
  refused=$(said a | grep -c "lost to another worker" || true)
  signal CONT a
  until_well 20 "$held late results were not refused" refusals $((refused + held))
  none_waits || fail "a late result woke a job up"
  say "$held jobs were finished by another worker; the late results of the first were refused"
  signal TERM b
  gone b 40
done
none "each device has one version" "SELECT device_id, count(*) FROM backups GROUP BY device_id HAVING count(*) > 1"
check overlap
