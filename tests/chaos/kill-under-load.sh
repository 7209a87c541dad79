#!/bin/bash
# R-37. Killed again and again under load: the database is whole and everything that was answered with "done" is there.
. "$(dirname "$0")/stage.sh" "kill -9 under load" "$@"

simulate cisco_ios 60 --latency 10 --fault mutate=3
person
netraven settings set system.jobs.max_concurrent_jobs 15 >/dev/null
serve a
sign_in a
watch

# Somebody adds tags as fast as the pages allow and remembers which of them were answered with "done".
write() {
  trap - EXIT
  local n
  for ((n = 1; ; n++)); do
    if post a /tags/new "name=t-$1-$n" "color=#3b82f6"; then echo "t-$1-$n" >>"$folder/answered"; fi
  done
}
kills=$(short_long 8 100)
for ((kill = 1; kill <= kills; kill++)); do
  back_up_all a
  write "$kill" 2>/dev/null &
  writer=$!
  disown $writer
  beside+=("$writer")
  random 200 2500 && nap "$chosen"
  kill_node a
  kill -KILL "$writer"
  none "the file is whole" "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
  none "keys lead somewhere" "SELECT * FROM pragma_foreign_key_check"
  serve a
done
all_over $((60 + 30 + 60))
sql "SELECT name FROM tags" | sort >"$folder/there"
lost=$(sort "$folder/answered" | comm -23 - "$folder/there" | head -n 5)
[ -z "$lost" ] || fail "answered with done, and not there: $lost"
check
say "$kills kills; all $(wc -l <"$folder/answered") answered writes are there"
