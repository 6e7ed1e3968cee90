# Sourced by the other scripts: finds a Python that serves, and keeps an environment equal to the locks.

# Runs quietly: does this program start, and is it one of the versions that are asked for?
python_serves() { # PROGRAM VERSION...
    local program=$1 found
    shift
    found=$("$program" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    case " $* " in *" $found "*) return 0 ;; *) return 1 ;; esac
}

# Prints the first Python of the versions asked for, in that order. A pyenv shim that answers "not installed" does not count.
find_python() { # VERSION...
    local version candidate
    for version in "$@"; do
        for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python"$version"; do
            if python_serves "$candidate" "$version"; then
                command -v "$candidate"
                return 0
            fi
        done
    done
    if python_serves python3 "$@"; then
        command -v python3
        return 0
    fi
    return 1
}

digest_of() { # FILE...
    if command -v sha256sum >/dev/null 2>&1; then cat "$@" | sha256sum; else cat "$@" | shasum -a 256; fi | cut -c1-64
}

# Makes or refreshes an environment from the locks; quick when nothing has changed. Its stamp names the locks and the place.
make_environment() { # FOLDER PYTHON
    local folder=$1 python=$2 stamp=$1/rayfolio-stamp wanted
    wanted="$(digest_of packaging/build.lock packaging/requirements.lock pyproject.toml packaging/python.sh) $PWD/$folder"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$folder/bin/python" -c '' 2>/dev/null; then
        return 0
    fi
    rm -f "$stamp"
    # An environment that was moved has scripts that start another Python.
    if [ -d "$folder" ] && ! { "$folder/bin/python" -c '' && grep -qF "$PWD/$folder" "$folder/bin/pip"; } 2>/dev/null; then
        rm -rf "$folder"
    fi
    if [ ! -x "$folder/bin/pip" ]; then
        say "Python: making $folder with $("$python" --version)"
        "$python" -m venv "$folder" || return 1
    fi
    say "Python: installing the locked packages into $folder (about 500 MB, a minute or two)"
    "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes \
        -r packaging/build.lock || return 1
    "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes \
        --no-build-isolation -r packaging/requirements.lock || return 1
    "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps \
        --no-build-isolation -e . || return 1
    printf '%s\n' "$wanted" >"$stamp"
}
