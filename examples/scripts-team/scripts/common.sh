# What the scripts share. Sourced, never run.
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
run=${SCRIPTS_TEAM_RUN:-$(dirname -- "$scripts")/.run}

# Says on stderr why nothing was done; holdpoint knows exit code 3 (not_applied).
nothing_done() {
    echo "$1" >&2
    exit 3
}

# A name that may become part of a path.
plain() {
    case $1 in
    '' | .* | *[!A-Za-z0-9._-]*) nothing_done "$2 \"$1\" is no plain name" ;;
    esac
}
