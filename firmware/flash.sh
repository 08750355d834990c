#!/usr/bin/env bash
# Flashes a board: runtime, files, application; then waits until the gateway has seen its birth. firmware/README.md explains each step.
set -euo pipefail

usage() {
  cat <<USAGE
firmware/flash.sh --device DIR --port PORT [options] [STEP ...]
  --device DIR       the folder that 'device add' wrote
  --port PORT        serial port of the board, e.g. /dev/ttyUSB0
  --image FILE       the application; default: what the build step makes
  --runtime VERSION  nanoFramework's own firmware; default: the number in firmware/runtime.version, which fits the packages
  --target NAME      nanoFramework target, e.g. ESP32_C3; default: nanoff chooses one for the chip
  --gateway URL      where to look for the birth; default: the gateway of this machine
  --dry-run          print what would run, and run nothing
Steps, in this order; all of them when none is named:
  tools  build  runtime  files  application
'application' deploys it and waits for the birth. 'runtime' erases the whole board: files and readings that wait on it are gone.
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
device='' port='' target='' runtime=$(cat "$root/firmware/runtime.version") gateway='' dry_run=no steps=()
image="$root/firmware/DeviceMqtt.Device.Esp32/bin/device/Release/netnano1.0/DeviceMqtt.Device.Esp32.bin"

wrong() { echo "flash.sh: $1" >&2; usage >&2; exit 2; }
while [ $# -gt 0 ]; do
  case "$1" in
    --device | --port | --image | --target | --runtime | --gateway)
      [ $# -ge 2 ] || wrong "$1 lacks its value"
      printf -v "${1#--}" '%s' "$2"; shift 2 ;;
    --dry-run) dry_run=yes; shift ;;
    --help | -h) usage; exit 0 ;;
    tools | build | runtime | files | application) steps+=("$1"); shift ;;
    *) wrong "'$1' is no option and no step" ;;
  esac
done
[ ${#steps[@]} -gt 0 ] || steps=(tools build runtime files application)

# What a step needs is looked for before the first one runs: half a flashed board helps nobody.
for step in "${steps[@]}"; do
  case "$step" in
    runtime) [ -n "$port" ] || wrong "'$step' needs --port" ;;
    files | application)
      [ -n "$port" ] || wrong "'$step' needs --port"
      [ -n "$device" ] || wrong "'$step' needs --device"
      [ -f "$device/settings.json" ] || wrong "there is no settings.json in '$device': 'device add' writes it" ;;
  esac
done

run() {
  printf '+'; printf ' %q' "$@"; printf '\n'
  [ "$dry_run" = yes ] || "$@"
}

# Runs from the root, where the list of tools is.
cd "$root"
nanoff() { run dotnet tool run nanoff -- "$@"; }

deploy_files() {
  # nanoff wants the port in the list itself. The list has paths in it, no secrets; it is written anew each time.
  local list="$device/files-with-port.json"
  [ "$dry_run" = yes ] || sed "s|^{|{\"serialport\":\"$port\",|" "$device/files.json" > "$list"
  nanoff --filedeployment "$list"
}

# The wait begins before the board is started, so that its birth cannot be missed.
deploy_application() {
  local name
  name=$(sed -n 's/.*"clientId":"\([^"]*\)".*/\1/p' "$device/settings.json")
  name=${name##*@@@}
  local wait=(dotnet run -c Release --project gateway/DeviceMqtt.Gateway -- device wait "$name" ${gateway:+--gateway "$gateway"} --seconds 180)
  if [ "$dry_run" = yes ]; then
    run "${wait[@]}"
    nanoff --nanodevice --deploy --serialport "$port" --image "$image" --reset
    return
  fi
  seen=$(mktemp)
  "${wait[@]}" > "$seen" 2>&1 & watcher=$!
  # Not local: the trap runs when this function is over.
  trap 'kill "$watcher" 2> /dev/null || true; rm -f "$seen"' EXIT
  until grep -q '^waiting' "$seen"; do
    kill -0 "$watcher" 2> /dev/null || { cat "$seen" >&2; echo "flash.sh: the gateway${gateway:+ at $gateway} cannot be watched; nothing was deployed" >&2; exit 1; }
    sleep 0.2
  done
  nanoff --nanodevice --deploy --serialport "$port" --image "$image" --reset
  echo "waiting for the birth of $name"
  if wait "$watcher"; then
    echo "the gateway has seen it: $(tail -n 1 "$seen")"
  else
    cat "$seen" >&2
    echo "flash.sh: firmware/README.md says what to look at (the lamp, the serial line)" >&2
    exit 1
  fi
}

for step in "${steps[@]}"; do
  echo "== $step"
  case "$step" in
    tools) run dotnet tool restore ;;
    build) run dotnet build firmware/DeviceMqtt.Device.Esp32 -c Release -p:Device=true ;;
    runtime)
      if [ -n "$target" ]; then
        nanoff --update --target "$target" --fwversion "$runtime" --serialport "$port" --masserase
      else
        nanoff --update --platform esp32 --fwversion "$runtime" --serialport "$port" --masserase
      fi ;;
    files) deploy_files ;;
    application) deploy_application ;;
  esac
done
