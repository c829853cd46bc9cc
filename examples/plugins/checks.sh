#!/bin/sh
# Versions in files, and load as a signal: the least that a plugin of holdpoint can be.
# config = { dir = "/srv/versions" } with one file SERVICE@ENVIRONMENT each, the version in it.
# A signal's `ask` is a command line of this script's author, here always the load average. A file that hangs is given up when the host would.
# The host writes every message as one line with id, jsonrpc, method, params in this order.
[ -n "$HOLDPOINT_COOKIE" ] || { echo "started by holdpoint; see docs/plugins.md" >&2; exit 64; }
dir= seq=0 watching= parent=$$ secs=10
after() { rest=${line#*"$1"}; [ "$rest" != "$line" ] && printf %s "${rest%%"$2"*}"; } # first text between two marks
say() { printf '{"jsonrpc":"2.0",%s}\n' "$1"; }
clean() { tr -cd 'A-Za-z0-9._@-'; }
fails() { event "$1" error ",\"why\":\"$2\""; }
event() { seq=$((seq + 1)); say "\"method\":\"watch/event\",\"params\":{\"watch\":\"$1\",\"seq\":$seq,\"op\":\"$2\"$3}"; }
rows() {
    event "$1" begin
    for file in "$dir"/*@*; do
        name=$(basename "$file" | clean) version=$(timeout $secs head -n 1 "$file" 2>/dev/null) || continue # gone since: the next look sees it
        event "$1" upsert ",\"item\":{\"service\":\"${name%%@*}\",\"environment\":\"${name#*@}\",\"version\":\"$(printf %s "$version" | clean)\"}"
    done
    event "$1" end
}
state() { # names and contents; fails when any of it cannot be read, not when it went while we looked
    [ -d "$dir" ] && [ -r "$dir" ] && [ -x "$dir" ] || return 1
    for file in "$dir"/*@*; do ! [ -f "$file" ] || { echo "$file" && timeout $secs cat "$file"; } || ! [ -f "$file" ] || return 1; done
}
numbers() { # one for each signal that the line asks for
    rest=$line load=$(cut -d ' ' -f 1 /proc/loadavg)
    while [ "${rest#*'"environment":"'}" != "$rest" ]; do
        rest=${rest#*'"environment":"'} at=${rest%%'"'*} rest=${rest#*'"signal":"'}
        event "$1" reading ",\"item\":{\"signal\":\"${rest%%'"'*}\",\"environment\":\"$at\",\"value\":$load}"
    done
}
watch() { # name, topic: whole pictures would be changes too, so it only looks for changes
    [ "$2" = signals ] || { old=$(state) && rows "$1"; } || { fails "$1" "the versions cannot be read"; return; }
    while kill -0 "$parent" 2>/dev/null; do
        if [ "$2" = signals ]; then numbers "$1"; elif ! now=$(state); then fails "$1" "the versions cannot be read"; return
        elif [ "$now" = "$old" ]; then event "$1" heartbeat
        else fails "$1" "versions have changed; watch again"; return; fi
        sleep 1
    done
}

trap 'kill $watching 2>/dev/null' EXIT
while IFS= read -r line; do
    case $line in '{"id":'*'"method":"'*) ;; *'"method":"watch/stop"'*) eval "kill \$at_$(after '"watch":"' '"' | clean)" 2>/dev/null; continue ;; *) continue ;; esac
    id=${line#'{"id":'} id=${id%%',"jsonrpc":'*}
    case $(after '"method":"' '"') in
        initialize)
            dir=$(after '"dir":"' '"')
            case $line in *'"protocol":{"max":1,'*) say "\"id\":$id,\"result\":{\"protocol\":1,\"cookie\":\"$HOLDPOINT_COOKIE\",\"plugin\":{\"name\":\"checks.sh\",\"version\":\"2\"},\"identity\":\"user $(id -un | clean)\",\"capabilities\":{\"watch:deployments\":{\"effect\":\"read\"},\"watch:signals\":{\"effect\":\"read\"}}}" ;;
                *) say "\"id\":$id,\"error\":{\"code\":-32001,\"message\":\"it speaks protocol 1\",\"data\":{\"min\":1,\"max\":1}}" ;; esac ;;
        ping) say "\"id\":$id,\"result\":{}" ;;
        watch/start)
            say "\"id\":$id,\"result\":{}"; ms=$(after '"deadlineMs":' '}'); ms=${ms%%,*}; case $ms in ''|*[!0-9]*|????????*) ;; *) secs=$((ms / 1000 + 1)) ;; esac
            watch "$(after '"watch":"' '"')" "$(after '"topic":"' '"')" &
            watching="$watching $!"; eval "at_$(after '"watch":"' '"' | clean)=$!" ;;
        shutdown) say "\"id\":$id,\"result\":{}"; exit 0 ;;
        *) say "\"id\":$id,\"error\":{\"code\":-32601,\"message\":\"no such method\"}" ;;
    esac
done
