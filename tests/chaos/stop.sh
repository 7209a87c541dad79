#!/bin/bash
# R-46. Told to stop: takes no more jobs, lets those that run finish, gives back what does not finish in time without
# burning an attempt, and leaves those that wait alone.
. "$(dirname "$0")/stage.sh" "a graceful stop drains and gives leases back" "$@"

# Four that hang for longer than anybody waits, six that need some seconds.
simulate arista_eos 4 --fault stall=command
simulate cisco_ios 20 --latency 300
person
netraven settings set system.jobs.max_concurrent_jobs 10 >/dev/null
export NETRAVEN_READ_TIMEOUT_SECONDS=300
for ((round = 1; round <= $(short_long 1 5); round++)); do
  serve a
  sign_in a
  back_up_all a
  until_well 20 "no eight jobs run" says "SELECT count(*) FROM jobs WHERE state = 'running'" 8
  random 500 1500 && nap "$chosen"
  sql "SELECT id FROM jobs WHERE state = 'running' ORDER BY id" >"$folder/ran"
  sql "SELECT id FROM jobs WHERE state = 'queued' ORDER BY id" >"$folder/waited"
  ran="($(paste -sd, "$folder/ran"))" waited="($(paste -sd, "$folder/waited"))"
  begin=$SECONDS
  signal TERM a
  gone a 75
  say "the process ended $((SECONDS - begin)) s after it was told to"
  none "nothing runs any more" "SELECT id FROM jobs WHERE state = 'running' OR lease_owner IS NOT NULL"
  none "what could finish did" "SELECT id, state FROM jobs WHERE id IN $ran AND device_name LIKE '%cisco%'
    AND state <> 'succeeded'"
  none "what hung was given back without an attempt" "SELECT id, state, attempt FROM jobs WHERE id IN $ran
    AND device_name LIKE '%arista%' AND NOT (state = 'queued' AND attempt = 0)"
  none "what waited was left alone" "SELECT id, state, attempt, fence FROM jobs WHERE id IN $waited
    AND NOT (state = 'queued' AND attempt = 0 AND fence = 0)"
  [ -s "$folder/waited" ] || fail "nothing waited"
  says "SELECT count(*) FROM jobs WHERE id IN $ran AND device_name LIKE '%arista%'" 1 || fail "nothing hung"
  # The next process needs nobody's lease to run out.
  NETRAVEN_READ_TIMEOUT_SECONDS=3 serve a
  all_over 50
  signal TERM a
  gone a 40
done
none "the well devices went well" "SELECT id, state, attempt FROM jobs WHERE device_name LIKE '%cisco%'
  AND (state <> 'succeeded' OR attempt <> 1)"
check
