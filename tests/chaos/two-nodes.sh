#!/bin/bash
# R-04, R-11. Two nodes on one PostgreSQL: never two sessions with one device at once, whatever kinds of jobs wait for
# it and whoever asks; no job done twice under one fence; no slot of a schedule fired twice or left out.
. "$(dirname "$0")/stage.sh" "two nodes, one PostgreSQL, many jobs" "$@"

devices=$(short_long 60 500)
wanted=$(short_long 300 5000)
use_postgres
simulate cisco_ios "$devices" --latency 20
person
netraven settings set system.jobs.max_concurrent_jobs 20 >/dev/null
serve a
serve b
sign_in a
watch
post a /schedules/new name=Minutely kind=interval minutes=1 zone=UTC targets=all grace=60 enabled=on ||
  fail "no schedule: $(grep -o 'class="error[^<]*<' "$folder/answer" | head -n 3)"
mapfile -t ids < <(sql "SELECT id FROM devices ORDER BY id")
begin=$SECONDS
until says "$over" "$wanted" && says "SELECT count(*) FROM batches WHERE slot_at IS NOT NULL" 2; do
  [ $((SECONDS - begin)) -lt $((120 + wanted / 5)) ] || fail "only $(sql "$over") jobs are over"
  random 0 1 && if [ "$chosen" = 0 ]; then node=a; else node=b; fi
  random 0 3
  case $chosen in
    0) back_up_all "$node" ;;
    1) post "$node" /devices/check which=all || fail "no check is started" ;;
    *) # a few by name, while others wait or run
      random 0 $((devices - 10))
      some=("${ids[@]:$chosen:10}")
      post "$node" /backups/run "${some[@]/#/devices=}" || fail "no backup is started: $(head -c 300 "$folder/answer")"
      ;;
  esac
  random 50 800 && nap "$chosen"
done
netraven schedule disable Minutely >/dev/null
all_over 120
none "every job went well" "SELECT id, state, class, message FROM jobs WHERE state <> 'succeeded'"
none "every job was taken once" "SELECT id, fence, attempt FROM jobs WHERE fence <> 1 OR attempt <> 1"
none "no slot was left out" "SELECT slot_at FROM (SELECT slot_at, slot_at - LAG(slot_at) OVER (ORDER BY slot_at) AS pause
  FROM batches WHERE slot_at IS NOT NULL) v WHERE pause > interval '1 minute'"
check
# Both took part: the line of a finished job carries its number.
for node in a b; do
  share=$(said "$node" | grep -c ' done ' || true)
  [ "$share" -gt 0 ] || fail "$node did nothing"
  say "$node did $share jobs"
done
