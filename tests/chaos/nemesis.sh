#!/bin/bash
# R-57, R-14. Three nodes on one PostgreSQL while somebody kills them, makes them sleep and sets the clock of one of them:
# the history that is left holds.
. "$(dirname "$0")/stage.sh" "three nodes; kills, pauses and clocks that jump" "$@"

# The longest sleep of the short form is well within a lease; a longer one makes two sessions with one device, which
# no program can prevent that does not run.
longest=$(short_long 5000 75000)
use_postgres
simulate cisco_ios 60 --latency 40 --fault mutate=7
person
netraven settings set system.jobs.max_concurrent_jobs 8 >/dev/null

# The third lives in a time of its own: its wall clock, not its stop-watch.
clock=$folder/clock
set_clock() { # at once, because it may be read at any moment
  echo "$1" >"$clock.next"
  mv "$clock.next" "$clock"
}
set_clock +0
fake=$(compgen -G "${LIBFAKETIME:-/usr/lib/*/faketime/libfaketimeMT.so.1}" | head -n 1)
[ -n "$fake" ] || fail "Debian's faketime is missing: tests/install"
elsewhen=(env -u FAKETIME "LD_PRELOAD=$fake" "FAKETIME_TIMESTAMP_FILE=$clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1)

start() { if [ "$1" = c ]; then serve c "${elsewhen[@]}"; else serve "$1"; fi; }
for node in a b c; do start "$node"; done
sign_in a
watch
kills=0 sleeps=0 jumps=0
nodes=(a b c) offsets=(+3600 -3600 +86400 -86400 +0)
until=$((SECONDS + $(short_long 45 600)))
while [ "$SECONDS" -lt "$until" ]; do
  # Whoever asks may meet a node that is just dying.
  random 0 2 && post "${nodes[chosen]}" /backups/run which=all 2>/dev/null || true
  random 200 1500 && nap "$chosen"
  random 0 2 && node=${nodes[chosen]}
  random 0 4
  case $chosen in
    0 | 1)
      kill_node "$node"
      start "$node"
      kills=$((kills + 1))
      ;;
    2)
      random 500 "$longest"
      signal STOP "$node"
      nap "$chosen"
      signal CONT "$node"
      sleeps=$((sleeps + 1))
      ;;
    *)
      random 0 4 && set_clock "${offsets[chosen]}"
      jumps=$((jumps + 1))
      ;;
  esac
done
set_clock +0
say "$kills kills, $sleeps sleeps, $jumps jumps of a clock"
all_over $((60 + 30 + 60))
check "$(short_long "" overlap)"
back_up_all a
all_over 60
none "and all is well" "SELECT id, state FROM jobs WHERE batch_id = (SELECT max(id) FROM batches) AND state <> 'succeeded'"
