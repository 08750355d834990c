#!/bin/sh
# The settings of the gateway of this machine are in one file. Its data are where that says, else where systemd has them for the service (StateDirectory).
case "${1:-}" in
    run|"") ;;
    *)
        : "${STATE_DIRECTORY:=/var/lib/devicemqtt}"
        : "${DEVICEMQTT_CONFIG:=/etc/devicemqtt/gateway.json}"
        export STATE_DIRECTORY DEVICEMQTT_CONFIG
        ;;
esac
exec @RUN@ "$@"
