#!/usr/bin/env bash
# Sets up what the program, its tests and the demonstration need, says what it does, names what is missing, and ends with 0.
#
# What is missing goes to .tools/missing, one part a line: what it is needed for, its name, the reason, all parted by tabs.
# packaging/missing.sh reads it. Nothing is fetched when the stamps agree with the lock files.
set -u
cd "$(dirname "$0")/.." || exit 1
KUBO_AT_LEAST=0.38

say() { printf 'setup: %s\n' "$*"; }
# shellcheck source=packaging/python.sh
. packaging/python.sh

mkdir -p .tools/bin
exec 9>.tools/setup.lock
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    say "another set-up is at work in this folder; waiting for it"
    flock 9
fi
: >.tools/missing
missing() { # NEEDED_FOR PART REASON
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>.tools/missing
    say "MISSING $2: $3"
}
is_older() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# -- system ---------------------------------------------------------------------------------------
# Debian's package, how to see that it is there, what needs it.
system_parts() {
    cat <<'TABLE'
libegl1                 lib:libEGL.so.1               windows
libgl1                  lib:libGL.so.1                windows
libglib2.0-0            lib:libglib-2.0.so.0          windows
libxkbcommon0           lib:libxkbcommon.so.0         windows
libxkbcommon-x11-0      lib:libxkbcommon-x11.so.0     windows
libdbus-1-3             lib:libdbus-1.so.3            windows
libfontconfig1          lib:libfontconfig.so.1        windows
libx11-xcb1             lib:libX11-xcb.so.1           windows
libxcb-cursor0          lib:libxcb-cursor.so.0        windows
libxcb-icccm4           lib:libxcb-icccm.so.4         windows
libxcb-image0           lib:libxcb-image.so.0         windows
libxcb-keysyms1         lib:libxcb-keysyms.so.1       windows
libxcb-randr0           lib:libxcb-randr.so.0         windows
libxcb-render-util0     lib:libxcb-render-util.so.0   windows
libxcb-shape0           lib:libxcb-shape.so.0         windows
libxcb-shm0             lib:libxcb-shm.so.0           windows
libxcb-sync1            lib:libxcb-sync.so.1          windows
libxcb-xfixes0          lib:libxcb-xfixes.so.0        windows
libxcb-xinerama0        lib:libxcb-xinerama.so.0      windows
libxcb-xkb1             lib:libxcb-xkb.so.1           windows
fonts-dejavu-core       font:DejaVuSans.ttf           windows
xvfb                    cmd:Xvfb                      tests
xauth                   cmd:xauth                     tests
xdotool                 cmd:xdotool                   tests
imagemagick             cmd:import                    tests
gnome-keyring           cmd:gnome-keyring-daemon      tests
dbus                    cmd:dbus-run-session          tests
dcmtk                   cmd:dcmdump                   tests
orthanc                 cmd:Orthanc                   tests
TABLE
}

is_here() { # PROBE
    case $1 in
    lib:*) case "$libraries" in *"${1#lib:} "*) return 0 ;; *) return 1 ;; esac ;;
    cmd:*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#cmd:}" >/dev/null ;;
    font:*) [ -n "$(find -L /usr/share/fonts /usr/local/share/fonts -name "${1#font:}" -print -quit 2>/dev/null)" ] ;;
    esac
}

absent_system_parts() { # prints the packages whose probe fails
    local package probe rest libraries
    libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null)
    system_parts | while read -r package probe rest; do is_here "$probe" || printf '%s %s\n' "$package" "$rest"; done
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_install() { # PACKAGE...
    export DEBIAN_FRONTEND=noninteractive
    local package had_orthanc=yes
    PATH=$PATH:/usr/sbin command -v Orthanc >/dev/null || had_orthanc=no
    as_root apt-get update -qq </dev/null || say "the package lists could not be refreshed; going on with those that are here"
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >.tools/apt.log 2>&1; then
        for package in "$@"; do
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" </dev/null >>.tools/apt.log 2>&1
        done
    fi
    # Debian starts Orthanc as a service when it is installed. Nobody asked for a server: the tests start their own.
    if [ "$had_orthanc" = no ] && PATH=$PATH:/usr/sbin command -v Orthanc >/dev/null; then
        if [ -d /run/systemd/system ]; then as_root systemctl disable --now orthanc; else as_root service orthanc stop; fi >/dev/null 2>&1
        say "system: Orthanc was installed for the tests; its service is stopped and not started again"
    fi
}

set_up_system() { # EXTRA_PACKAGE...
    local absent package need
    if [ "$(uname -s)" != Linux ]; then
        say "system: $(uname -s); the window tests with a real screen are for Linux"
        return
    fi
    absent=$(absent_system_parts)
    if [ -n "$absent$*" ] && command -v apt-get >/dev/null 2>&1; then
        # shellcheck disable=SC2046
        set -- "$@" $(printf '%s\n' "$absent" | cut -d' ' -f1)
        if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then
            say "system: installing $*"
            apt_install "$@"
            absent=$(absent_system_parts)
        else
            say "system: as root, run: apt-get install --no-install-recommends $*"
        fi
    fi
    if [ -z "$absent" ]; then
        say "system: all parts are here"
        return
    fi
    while read -r package need; do
        case $need in
        windows) missing "test demo" "$package" "Qt cannot draw without it; install the system package $package" ;;
        *) missing "test" "$package" "some tests need it; install the system package $package" ;;
        esac
    done <<<"$absent"
}

# -- Python ---------------------------------------------------------------------------------------
set_up_python() {
    local python=$1 log=.tools/pip.log
    if [ -z "$python" ]; then
        missing "test demo" "Python" "none of 3.11, 3.12 and 3.13 is on this machine's PATH"
        return
    fi
    if ! make_environment .venv "$python" 2> >(tee "$log" >&2); then
        missing "test demo" "Python packages" "$(grep -m 1 -iE 'error' "$log" || echo "see $log")"
        return
    fi
    say "Python: $(.venv/bin/python --version | cut -d' ' -f2) in .venv, as locked"
}

# -- Anvil and solc -------------------------------------------------------------------------------
set_up_npm() {
    local stamp=packaging/npm/node_modules/rayfolio-stamp log=.tools/npm.log wanted anvil
    wanted="$(digest_of packaging/npm/package.json packaging/npm/package-lock.json) $(uname -sm)"
    if [ ! -f $stamp ] || [ "$(cat $stamp)" != "$wanted" ]; then
        if ! command -v npm >/dev/null 2>&1; then
            missing "test demo" "Anvil and solc" "npm is not on this machine; they come from it"
            return
        fi
        say "Anvil and solc: installing from packaging/npm/package-lock.json"
        if ! npm ci --prefix packaging/npm --ignore-scripts --no-audit --no-fund </dev/null >$log 2>&1; then
            missing "test demo" "Anvil and solc" "npm ci failed: $(grep -m 1 'npm error' $log || echo "see $log")"
            return
        fi
        printf '%s\n' "$wanted" >$stamp
    fi
    anvil=packaging/npm/node_modules/.bin/anvil
    [ -x $anvil ] || anvil=$(command -v anvil || true)
    if [ -z "$anvil" ] || ! version=$("$anvil" --version 2>/dev/null | head -n 1); then
        missing "test demo" "Anvil" "the lock has it for Linux on x86-64; for $(uname -sm), put an anvil 1.7 on your PATH"
        return
    fi
    say "Anvil and solc: $version ($anvil)"
}

# -- Kubo -----------------------------------------------------------------------------------------
without_kubo() {
    missing "test demo" "Kubo" "$1. Rayfolio keeps studies in its embedded store on this machine until there is one"
}

set_up_kubo() {
    local stamp=.tools/bin/ipfs.stamp log=.tools/kubo.log theirs needed have wanted
    if command -v ipfs >/dev/null 2>&1; then
        theirs=$(ipfs version -n 2>/dev/null | sed 's/-.*//')
        if [ -n "$theirs" ] && ! is_older "$theirs" $KUBO_AT_LEAST; then
            say "Kubo: yours, $theirs ($(command -v ipfs))"
            return
        fi
        say "Kubo: the ipfs on your PATH is ${theirs:-not working}, older than $KUBO_AT_LEAST; not used"
    fi
    wanted="$(digest_of packaging/kubo/go.mod packaging/kubo/go.sum) $(uname -sm)"
    if [ -f $stamp ] && [ "$(cat $stamp)" = "$wanted" ] && .tools/bin/ipfs version >/dev/null 2>&1; then
        say "Kubo: $(.tools/bin/ipfs version -n) (.tools/bin/ipfs)"
        return
    fi
    if ! command -v go >/dev/null 2>&1; then
        without_kubo "there is neither a program ipfs ($KUBO_AT_LEAST or newer) nor Go to build one"
        return
    fi
    needed=$(sed -n 's/^go //p' packaging/kubo/go.mod)
    have=$(cd / && go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
    # From 1.21 on, Go fetches the toolchain that a module asks for, unless it is told to stay local.
    if is_older "$have" "$needed" && { is_older "$have" 1.21 || [ "$(cd / && go env GOTOOLCHAIN)" = local ]; }; then
        without_kubo "Go $have is older than the $needed that packaging/kubo/go.mod asks for"
        return
    fi
    say "Kubo: building $(sed -n 's/.*ipfs\/kubo \(v[0-9.]*\).*/\1/p' packaging/kubo/go.mod) with Go $have (two to five minutes, 2.5 GB of Go's caches)"
    rm -f $stamp
    if ! (cd packaging/kubo && CGO_ENABLED=0 GOWORK=off go build -trimpath -mod=readonly -buildvcs=false \
        -o ../../.tools/bin/ipfs.new github.com/ipfs/kubo/cmd/ipfs) >$log 2>&1 </dev/null; then
        if is_older "$have" "$needed"; then
            without_kubo "Go $have is older than the $needed that packaging/kubo/go.mod asks for, and could not fetch it"
        else
            without_kubo "the build failed: $(tail -n 1 $log)"
        fi
        return
    fi
    mv .tools/bin/ipfs.new .tools/bin/ipfs && printf '%s\n' "$wanted" >$stamp
    say "Kubo: $(.tools/bin/ipfs version -n) built (.tools/bin/ipfs)"
}

# -------------------------------------------------------------------------------------------------
python=
if python_serves .venv/bin/python 3.11 3.12 3.13; then python=.venv/bin/python; else python=$(find_python 3.13 3.12 3.11); fi
extra=
if [ -z "$python" ]; then
    extra="python3 python3-venv"
elif [ "$python" != .venv/bin/python ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    extra="$(basename "$(readlink -f "$python")")-venv"
fi
# shellcheck disable=SC2086
set_up_system $extra
[ -n "$python" ] || python=$(find_python 3.13 3.12 3.11)
set_up_python "$python"
set_up_npm
set_up_kubo
if [ -s .tools/missing ]; then say "not complete: $(wc -l <.tools/missing) missing, named above"; else say "complete, ${SECONDS} s"; fi
exit 0
