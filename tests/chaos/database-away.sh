#!/bin/bash
# R-38. PostgreSQL crashes, comes back, and stays away for a while: pages say so in a friendly way, what devices gave
# meanwhile is kept, and all is well again within 30 s without a restart.
. "$(dirname "$0")/stage.sh" "PostgreSQL restarts and goes away for a while" "$@"

use_postgres
simulate cisco_ios 60 --latency 150
person
netraven settings set system.jobs.max_concurrent_jobs 10 >/dev/null
serve a
sign_in a
watch

friendly() { # an answer that a browser and a proxy understand
  curl -s -m 20 -D "$folder/head" -o "$folder/answer" -b "$folder/jar" "${node_url[a]}/devices"
  grep -q '^HTTP/1.1 503' "$folder/head" && grep -qi '^retry-after:' "$folder/head"
}
answers() { page a /devices >/dev/null; }

for ((round = 1; round <= $(short_long 1 5); round++)); do
  for away in 0 "$(short_long 10 60)"; do
    back_up_all a
    until_well 30 "no job is over" says "$over" $((($(sql "$over") + 3)))
    random 0 1500 && nap "$chosen"
    stop_postgres immediate
    if [ "$away" -gt 0 ]; then
      until_well 10 "pages do not say that the database is away: $(head -n 1 "$folder/head" 2>/dev/null)" friendly
      sleep "$away"
    fi
    start_postgres || fail "PostgreSQL does not come back"
    begin=$SECONDS
    until_well 30 "no page 30 s after PostgreSQL is back" answers
    say "away for $away s; pages are back $((SECONDS - begin)) s later"
    all_over $((60 + 30 + 60))
    say "all jobs are over $((SECONDS - begin)) s after it came back"
  done
done
none "every job went well" "SELECT id, state, class, message FROM jobs WHERE state <> 'succeeded'"
check
# What a device gave while the database was away was kept and written later: a whole talk, which takes seven answers of
# 150 ms or more, was held once for each job.
again=$(awk 'NR == FNR { jobs[$1] = $2; next } $2 == "opened" { at[$3] = $1 }
  $2 == "closed" && $1 - at[$3] >= 900 { whole[$3]++ } END { for (d in whole) if (whole[d] > jobs[d]) print d }' \
  <(sql "SELECT device_name, count(*) FROM jobs GROUP BY device_name") "$folder/cisco_ios.record" | wc -l)
[ "$again" = 0 ] || fail "$again devices had given their configuration and were asked again"
