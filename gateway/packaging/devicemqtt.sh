#!/bin/sh
# The gateway of this machine keeps its data in one place, and its settings in another; commands find them there unless told otherwise.
case "${1:-}" in
    run|"") ;;
    *)
        : "${DEVICEMQTT__Data:=/var/lib/devicemqtt}"
        : "${DEVICEMQTT_CONFIG:=/etc/devicemqtt/gateway.json}"
        export DEVICEMQTT__Data DEVICEMQTT_CONFIG
        ;;
esac
exec @RUN@ "$@"
