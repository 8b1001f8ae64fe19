# Runs the prescript of a definition in its source tree, the working folder; see docs/definition.md.
# What it is given lies in /mnt, which it cannot change; in /media it asks for downloads.

# DL URL PATH: has Fatbuildr fetch a file, which writes down what it was and holds it against prescript.lock.
DL() {
  if [ "$#" -ne 2 ]; then
    echo "DL: expected a URL and a path, got $# words" >&2
    return 2
  fi
  local id="$BASHPID-$RANDOM$RANDOM" answer
  printf '%s' "$1" > "/media/.$id" && mv "/media/.$id" "/media/$id" || return
  until [ -e "/mnt/answers/$id" ]; do sleep 0.05; done
  answer=$(< "/mnt/answers/$id")
  if [ -n "$answer" ]; then
    echo "DL: $answer" >&2
    return 1
  fi
  mkdir -p -- "$(dirname -- "$2")" && cp --no-target-directory -- "/mnt/fetched/$id" "$2"
}
export -f DL

. /mnt/pre.sh
