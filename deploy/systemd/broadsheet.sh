#!/bin/sh
# `broadsheet` on a machine where the desk runs as services: in its folder, with its settings, as its user.
# Without it a command typed by hand would look at another database, or print links to another address.
set -eu
user=broadsheet
settings=/etc/broadsheet/settings
program=/opt/broadsheet/bin/broadsheet

if [ "$(id -un)" != "$user" ] && [ "$(id -u)" != 0 ]; then
  echo "The desk belongs to $user. Type: sudo broadsheet $*" >&2
  exit 1
fi
if [ -r "$settings" ]; then
  # As systemd reads the file: a name, "=", and the value to the end of the line, perhaps in quotes.
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | '#'* | ';'*) continue ;; *=*) ;; *) continue ;; esac
    name=${line%%=*}
    value=${line#*=}
    case $value in
      \"*\") value=${value#\"} value=${value%\"} ;;
      \'*\') value=${value#\'} value=${value%\'} ;;
    esac
    export "$name=$value"
  done <"$settings"
fi
export BROADSHEET_HOME=/var/lib/broadsheet
if [ "$(id -un)" = "$user" ]; then
  exec "$program" "$@"
fi
exec runuser -u "$user" -- "$program" "$@"
