# What the scripts here play on: the real program in a folder of its own, simulated devices, a PostgreSQL of its own
# where one is wanted, somebody who signs in. To be sourced: . stage.sh "WHAT IS SHOWN" "$@"
#
#   SCRIPT [short|long]     SEED=N repeats the random choices of a run, PROGRAM=FILE plays on another build
#
# Ends the script with 1 and leaves the folder where something is not as it must be.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${PROGRAM:-$root/target/debug/netraven}
heading=$1
length=${2:-short}
[[ $length =~ ^(short|long)$ ]] || { echo "usage: $0 [short|long]" >&2; exit 2; }
[ -x "$program" ] || { echo "$0: there is no program $program: cargo build, or PROGRAM=FILE" >&2; exit 2; }
seed=${SEED:-$((SRANDOM % 32768))}
RANDOM=$seed

folder=$(mktemp -d /tmp/netraven-chaos.XXXXXX)
chmod 755 "$folder"
declare -A node_pid=() node_url=()
declare -a beside=() # what else was started, by process number
postgres_bin=
# Settings come from here and nowhere else.
while read -r name; do unset "$name"; done < <(compgen -e | grep '^NETRAVEN_' || true)
export NETRAVEN_MASTER_KEY_FILE=$folder/master.key
database=$folder/netraven.db
export NETRAVEN_DATABASE_URL=sqlite://$database
ulimit -n "$(ulimit -Hn)"

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

fail() {
  printf 'FAILED after %d s, seed %d, see %s: %s\n' "$SECONDS" "$seed" "$folder" "$*" >&2
  exit 1
}

# short_long SHORT LONG: what fits the length of this run
short_long() { if [ "$length" = short ]; then echo "$1"; else echo "$2"; fi; }

# random LOW HIGH: a number in $chosen; never in a subshell, which would not repeat it
random() { chosen=$(($1 + RANDOM % ($2 - $1 + 1))); }

# nap MILLISECONDS
nap() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# until_well SECONDS WHAT COMMAND...: asks again and again until the command is well
until_well() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what"
    sleep 0.1
  done
}

clean_up() {
  local code=$?
  trap - EXIT
  kill -CONT "${node_pid[@]}" 2>/dev/null || true
  kill -KILL "${node_pid[@]}" "${beside[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ -z "$postgres_bin" ] || stop_postgres immediate >/dev/null 2>&1 || true
  if mountpoint -q "$folder/disk"; then umount -l "$folder/disk"; fi
  if [ "$code" -eq 0 ]; then
    rm -rf "$folder"
    say "shown: $heading"
  fi
  exit "$code"
}
trap clean_up EXIT

# ---- the database

use_postgres() { # with a server for this script alone, which may be stopped and started
  postgres_bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
  mkdir "$folder/postgres"
  [ "$(id -u)" -ne 0 ] || chown postgres "$folder/postgres"
  as_postgres "$postgres_bin/initdb" -D "$folder/postgres/data" -U netraven -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$folder/initdb.log" 2>&1 || fail "no PostgreSQL: $(tail -n 3 "$folder/initdb.log")"
  local try
  for try in 1 2 3 4 5; do # another program may have taken the port
    postgres_port=$((20000 + SRANDOM % 12000))
    if start_postgres; then
      database=postgres://netraven@127.0.0.1:$postgres_port/postgres
      export NETRAVEN_DATABASE_URL=$database
      return 0
    fi
  done
  fail "PostgreSQL does not start: $(tail -n 3 "$folder/postgres/log")"
}

as_postgres() { # as another user when root, because postgres refuses to run as root
  if [ "$(id -u)" -eq 0 ]; then (cd / && exec runuser -u postgres -- "$@"); else "$@"; fi
}

# What was committed survives a crash of the server, not of the machine: nobody pulls its plug here.
start_postgres() {
  as_postgres "$postgres_bin/pg_ctl" -D "$folder/postgres/data" -l "$folder/postgres/log" -w -t 30 \
    -o "-p $postgres_port -k $folder/postgres -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" \
    start >/dev/null
}

stop_postgres() { # stop_postgres fast|immediate
  as_postgres "$postgres_bin/pg_ctl" -D "$folder/postgres/data" -m "$1" -w stop >/dev/null
}

# sql QUERY: a line for each row, columns apart by spaces
sql() {
  if [ -n "$postgres_bin" ]; then
    psql -qAtX -F ' ' "$database" -c "$1"
  else
    sqlite3 -readonly -separator ' ' -cmd '.timeout 10000' "$database" "$1"
  fi
}

# says QUERY NUMBER: whether the query gives at least that number
says() { [ "$(sql "$1")" -ge "$2" ]; }

# ---- the program

netraven() { "$program" --data-dir "$folder/console" "$@"; }

# simulate PLATFORM COUNT [FURTHER...]: a fleet that writes down who talked to it, brought into the inventory
simulate() {
  local platform=$1 count=$2
  shift 2
  "$program" simulate "$platform" --count "$count" --record "$folder/$platform.record" \
    --inventory "$folder/$platform.csv" "$@" >"$folder/$platform.log" 2>&1 &
  beside+=($!)
  disown $!
  until_well 60 "the devices do not start" has_lines "$folder/$platform.csv" $((count + 1))
  netraven device import "$folder/$platform.csv" >"$folder/import.log" || fail "import: $(cat "$folder/import.log")"
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

# serve NODE [PREFIX...]: a node in a folder of its own; comes back when its pages answer
serve() {
  local node=$1 log=$folder/$1.log
  shift
  : >"$log.now"
  "$@" "$program" --data-dir "$folder/$node" serve --listen 127.0.0.1:0 >>"$log.now" 2>&1 &
  node_pid[$node]=$!
  disown $!
  until_well 60 "$node does not start: $(tail -n 3 "$log.now")" grep -q "NetRaven serves" "$log.now"
  node_url[$node]=$(sed -n 's/^NetRaven serves //p' "$log.now" | head -n 1)
}

# signal NAME NODE
signal() { kill "-$1" "${node_pid[$2]}"; }

# ended NODE: waits until the process is gone, keeps what it said
gone() {
  local node=$1
  until_well "${2:-10}" "$node does not end" not_there "${node_pid[$node]}"
  cat "$folder/$node.log.now" >>"$folder/$node.log"
  unset "node_pid[$node]"
}
not_there() { [ ! -e "/proc/$1" ]; }

kill_node() {
  signal KILL "$1"
  gone "$1"
}

# said NODE: everything it has logged
said() { cat "$folder/$1.log" "$folder/$1.log.now" 2>/dev/null || true; }

# ---- a person in front of the pages

pass='correct horse battery staple'

person() { netraven user add chaos --role admin --password-stdin <<<"$pass" >/dev/null; }

# page NODE PATH: its text; not well where it is not there
page() { curl -sf -m 20 -b "$folder/jar" -c "$folder/jar" "${node_url[$1]}$2"; }

# post NODE PATH [FIELD=VALUE...]: well when the answer is the redirect that says "done"
post() {
  local node=$1 path=$2 code field
  shift 2
  [ -n "$token" ] || token=$(form_token "$node" /login) || return 1
  local -a fields=(--data-urlencode "csrf=$token")
  for field in "$@"; do fields+=(--data-urlencode "$field"); done
  code=$(curl -s -m 20 -o "$folder/answer" -w '%{http_code}' -b "$folder/jar" -c "$folder/jar" \
    "${fields[@]}" "${node_url[$node]}$path") || return 1
  [ "$code" = 303 ]
}

# The token that every form of a session carries.
token=
form_token() { page "$1" "$2" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1; }

# A disk that many share may hold a write up for longer than a page waits: then it says "try again in some seconds" (R-40).
sign_in() {
  until_well 30 "nobody can sign in, see $folder/answer" signs_in "$1"
  token=$(form_token "$1" /tags/new)
}
signs_in() {
  rm -f "$folder/jar"
  token=
  post "$1" /login username=chaos "password=$pass"
}

back_up_all() { post "$1" /backups/run which=all || fail "no backup is started: $(head -c 300 "$folder/answer")"; }

waiting="SELECT count(*) FROM jobs WHERE state IN ('queued', 'retrying', 'running')"
over="SELECT count(*) FROM jobs WHERE state IN ('succeeded', 'failed', 'canceled', 'discarded')"

# all_over SECONDS: waits until every job has ended
all_over() { until_well "$1" "jobs do not end: $(sql "SELECT state, count(*) FROM jobs GROUP BY state")" none_waits; }
none_waits() { [ "$(sql "$waiting")" = 0 ]; }

tell_jobs() { say "jobs: $(sql "SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state" | tr '\n' ' ')"; }

. "$here/checker.sh"
say "$heading ($length, seed $seed)"
