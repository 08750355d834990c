#!/bin/sh
# The gateway of this machine keeps its data in one place; commands find it there unless told otherwise.
case "${1:-}" in
    run|"") ;;
    *) : "${DEVICEMQTT__Data:=/var/lib/devicemqtt}"; export DEVICEMQTT__Data ;;
esac
exec @RUN@ "$@"
