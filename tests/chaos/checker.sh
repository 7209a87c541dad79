# The history checker: what must hold in the database, and in what was seen meanwhile, whatever happened to the
# processes. To be sourced by stage.sh.

# watch: writes down what each job's row says, again and again, until the script ends
watch() {
  (
    trap - EXIT
    while sleep 0.5; do
      sql "SELECT id, fence, state FROM jobs ORDER BY id" >"$folder/history.part" 2>/dev/null &&
        cat "$folder/history.part" >>"$folder/history"
    done
  ) &
  beside+=($!)
  disown $!
}

# none WHAT QUERY: fails with the first rows that the query gives
none() {
  local rows
  rows=$(sql "$2") || fail "$1: the database does not answer"
  [ -z "$rows" ] || fail "$1, but: $(head -n 5 <<<"$rows" | tr '\n' ';')"
}

check_rows() {
  none "every accepted job ends" "SELECT id, state, device_name FROM jobs
    WHERE state NOT IN ('succeeded', 'failed', 'canceled', 'discarded')"
  none "no job is without its batch" "SELECT jobs.id FROM jobs LEFT JOIN batches ON batches.id = jobs.batch_id
    WHERE batches.id IS NULL"
  none "no device has one text twice in a row" "SELECT device_id, id FROM (SELECT device_id, id, fingerprint,
    LAG(fingerprint) OVER (PARTITION BY device_id ORDER BY id) AS before FROM backups) v WHERE fingerprint = before"
  none "a batch asks each device once" "SELECT batch_id, device_id, count(*) FROM jobs WHERE device_id IS NOT NULL
    GROUP BY batch_id, device_id HAVING count(*) > 1"
  none "a slot has one batch" "SELECT schedule_id, slot_at, count(*) FROM batches WHERE slot_at IS NOT NULL
    GROUP BY schedule_id, slot_at HAVING count(*) > 1"
  none "a job stores one version at most" "SELECT job_id, count(*) FROM backups GROUP BY job_id HAVING count(*) > 1"
  none "a backup that succeeded names a version of its device" "SELECT id FROM jobs WHERE kind = 'back_up'
    AND state = 'succeeded' AND NOT EXISTS
    (SELECT 1 FROM backups WHERE backups.id = jobs.backup_id AND backups.device_id = jobs.device_id)"
  none "a version is of a job that says so" "SELECT backups.id, jobs.state FROM backups
    JOIN jobs ON jobs.id = backups.job_id
    WHERE jobs.state <> 'succeeded' OR jobs.outcome <> 'stored' OR jobs.backup_id <> backups.id"
  none "what failed says why" "SELECT id FROM jobs WHERE state IN ('failed', 'discarded')
    AND (class IS NULL OR message IS NULL)"
  none "nobody holds what is over" "SELECT id, state FROM jobs WHERE state <> 'running' AND lease_owner IS NOT NULL"
  none "no attempt without a fence" "SELECT id, attempt, fence FROM jobs WHERE attempt > fence OR attempt < 0"
  none "nothing is given up before its third attempt" "SELECT id, attempt FROM jobs
    WHERE state = 'discarded' AND attempt < 3"
  none "a log has no gap" "SELECT job_id, count(*), max(seq) FROM entries GROUP BY job_id
    HAVING count(*) <> max(seq) OR min(seq) <> 1"
  [ -n "$postgres_bin" ] || none "the file is whole" "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
  [ -n "$postgres_bin" ] || none "keys lead somewhere" "SELECT * FROM pragma_foreign_key_check"
}

# Fences only grow, and what is over stays as it ended.
check_history() {
  [ -s "$folder/history" ] || return 0
  local bad
  bad=$(awk '$2 < fence[$1] { print "job " $1 " went back from fence " fence[$1] " to " $2 }
    ($1 in ended) && $3 != ended[$1] { print "job " $1 " was " ended[$1] " and then " $3 }
    { fence[$1] = $2 } $3 ~ /^(succeeded|failed|canceled|discarded)$/ { ended[$1] = $3 }' "$folder/history" | head -n 5)
  [ -z "$bad" ] || fail "the history is broken: $bad"
}

# check_record [overlap]: no device was spoken to more often than its jobs were taken, and, unless a worker may
# sleep while another takes its job, never by two at once.
check_record() {
  local record bad
  for record in "$folder"/*.record; do
    if [ "${1-}" != overlap ]; then
      bad=$(awk '$2 == "opened" { if (open[$3]++) print $3 " at " $1 " ms" } $2 == "closed" { open[$3]-- }' "$record")
      [ -z "$bad" ] || fail "two at once talked to $(head -n 5 <<<"$bad" | tr '\n' ';') of $record"
    fi
    bad=$(awk 'NR == FNR { taken[$1] = $2; next } $2 == "opened" { talks[$3]++ }
      END { for (d in talks) if (talks[d] > taken[d]) print d ": " talks[d] " talks, taken " taken[d] + 0 " times" }' \
      <(sql "SELECT device_name, sum(fence) FROM jobs GROUP BY device_name") "$record" | head -n 5)
    [ -z "$bad" ] || fail "a job was worked on twice under one fence: $bad"
  done
}

# Versions open and are what their rows say: all of them, or so many by chance.
check_contents() {
  if netraven verify --help >/dev/null 2>&1; then
    netraven verify --all >"$folder/verify.log" 2>&1 || fail "contents do not open: $(tail -n 3 "$folder/verify.log")"
    return
  fi
  local most version sha device
  most=$(short_long 12 500)
  while read -r version sha device; do
    [ "$(netraven backup show "$device" --version "$version" --raw | sha256sum | cut -d ' ' -f 1)" = "$sha" ] ||
      fail "version $version of $device does not open as what it was"
  done < <(sql "SELECT backups.id, backups.sha256, devices.name FROM backups JOIN devices ON devices.id = device_id
    ORDER BY backups.sha256 LIMIT $most")
}

# check [overlap]: everything; see check_record
check() {
  check_rows
  check_history
  check_record "${1-}"
  netraven audit verify >"$folder/audit.log" 2>&1 || fail "the audit trail is broken: $(cat "$folder/audit.log")"
  check_contents
  tell_jobs
  say "$(sql "SELECT count(*) FROM backups") versions; rows, history, record, audit trail and contents hold"
}
