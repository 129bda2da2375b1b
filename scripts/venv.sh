# shellcheck shell=sh
# Makes the virtual environment of a checkout and installs Waypost into it, once.
# Sourced by scripts/demo, scripts/test, scripts/test-long and .ci/run:
#
#     . scripts/venv.sh
#     waypost_venv        # what a user of Waypost needs
#     waypost_venv dev    # the same, and the tools that the tests need
#
# The caller sets `root` (the checkout, absolute). Afterwards `venv` is the environment's absolute path.
# WAYPOST_VENV moves it; the default is .venv in the checkout. Expected trouble ends the script with a
# sentence on standard error and status 1.

waypost_fail() {
    printf 'waypost: %s\n' "$*" >&2
    exit 1
}

# True when "$1" is a Python of at least 3.11.
waypost_python_fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Prints the first Python that is new enough; the status is 1 when there is none.
waypost_find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if waypost_python_fits "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

waypost_python_or_fail() {
    python=$(waypost_find_python) && return 0
    found=$(python3 -V 2>&1) || found="no python3 at all"
    waypost_fail "needs Python 3.11 or newer; this machine has $found." \
        "Install one (on Debian or Ubuntu: apt-get install python3 python3-venv) and run this again."
}

# Ends the script unless files can be made in the nearest folder above "$1" that exists.
waypost_need_writable() {
    folder=$1
    while [ ! -e "$folder" ]; do
        folder=$(dirname "$folder")
    done
    [ -d "$folder" ] && [ -w "$folder" ] && return 0
    waypost_fail "cannot write to $folder. $2"
}

waypost_make_venv() {
    waypost_python_or_fail
    # Debian ships venv without ensurepip; found out here, it is one sentence and leaves nothing half made.
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        waypost_fail "$python cannot make virtual environments." \
            "On Debian or Ubuntu: apt-get install python3-venv; then run this again."
    printf 'Making a virtual environment in %s\n' "$venv" >&2
    "$python" -m venv --clear "$venv" >&2 ||
        waypost_fail "could not make a virtual environment in $venv; the lines above say why."
}

# waypost_venv [dev]: `root` in, `venv` out.
waypost_venv() {
    extra=${1:-}
    venv=${WAYPOST_VENV:-$root/.venv}
    case $venv in
        /*) ;;
        *) venv=$PWD/$venv ;;
    esac
    stamp=$venv/.waypost-installed

    # What was installed, from where. Scripts in an environment hold absolute paths, so one that was moved
    # or belongs to another checkout does not match and is made again.
    place="$root $venv"
    wanted="$(cksum <"$root/pyproject.toml") $place"
    have=
    have_extra=
    if [ -f "$stamp" ]; then
        { IFS= read -r have && IFS= read -r have_extra; } <"$stamp" || have=
    fi
    # The tools stay when only the program is asked for.
    [ "$have_extra" = dev ] && extra=dev

    if "$venv/bin/python" -c '' >/dev/null 2>&1 && [ "$have" = "$wanted" ] && [ "$have_extra" = "$extra" ]; then
        return 0
    fi

    waypost_need_writable "$venv" \
        "Copy the checkout to a folder of yours, or name one for the environment with WAYPOST_VENV."
    if [ ! -e "$venv/pyvenv.cfg" ]; then
        # `venv --clear` empties the folder: never one that holds something else.
        if [ -d "$venv" ] && [ -n "$(ls -A "$venv")" ]; then
            waypost_fail "$venv holds files and is no virtual environment." \
                "Name a new folder with WAYPOST_VENV, or empty this one."
        fi
        waypost_make_venv
    elif ! waypost_python_fits "$venv/bin/python" ||
        ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
        waypost_make_venv
    elif [ -n "$have" ] && [ "${have#*"$place"}" = "$have" ]; then
        waypost_make_venv
    fi

    printf 'Installing Waypost into %s (only when pyproject.toml changed)\n' "$venv" >&2
    rm -f "$stamp"
    # Python compiles a module when it is first imported: to compile all of them now is a third of the time
    # of an installation. Tests start many processes, and some machines never write what they compiled.
    compile=--compile
    [ -n "$extra${PYTHONDONTWRITEBYTECODE:-}" ] || compile=--no-compile
    "$venv/bin/python" -m pip install --quiet "$compile" --disable-pip-version-check \
        --editable "$root${extra:+[$extra]}" >&2 ||
        waypost_fail "could not install; pip's lines above say why." \
            "It needs the network, or a mirror named in pip's own configuration. Then run this again."
    printf '%s\n%s\n' "$wanted" "$extra" >"$stamp"
}
