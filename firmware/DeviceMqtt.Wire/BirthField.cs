namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Member names of the birth message on <c>{prefix}/{device}/info</c>.
    /// <code>{"id":"GID_a@@@kitchen","fw":"0.1.0","board":"sim","reset":"power","b":771203,"up":5120,"win":4,
    ///  "tele":{"climate":{"temp":"Cel","hum":"%RH"}},"evt":["button"],"cmd":["relay.set! on:b@relay.on"],"failed":[]}</code>
    /// </summary>
    public static class BirthField
    {
        /// <summary>Client Identifier, because the device level of the topic may be another name.</summary>
        public const string ClientId = "id";

        /// <summary>Firmware version.</summary>
        public const string Firmware = "fw";

        /// <summary>Board name, as in hardware/boards.</summary>
        public const string Board = "board";

        /// <summary>Why the board started: <c>power</c>, <c>reset</c>, <c>watchdog</c>, <c>brownout</c>, <c>sleep</c>, <c>crash</c>, <c>planned</c>, <c>unknown</c>.</summary>
        public const string ResetCause = "reset";

        /// <summary>Which boot this is: the <c>b</c> of the telemetry of this boot.</summary>
        public const string BootId = "b";

        /// <summary>Milliseconds since boot when the birth was written; lets the gateway map <c>up</c> to wall time.</summary>
        public const string UpMs = "up";

        /// <summary>Epoch seconds at which a board that goes to sleep now is to be back; missing if it stays.</summary>
        public const string SleepUntil = "sleepUntil";

        /// <summary>In place of <see cref="SleepUntil"/> while the board has no clock: seconds until it is to be back.</summary>
        public const string SleepSeconds = "sleepFor";

        /// <summary>Object: per telemetry stream an object of metric names and SenML unit codes (RFC 8428, section 12.1).</summary>
        public const string Telemetry = "tele";

        /// <summary>Array of event names.</summary>
        public const string Events = "evt";

        /// <summary>How many commands the board takes at once: the next one only when one of these was answered.</summary>
        public const string Window = "win";

        /// <summary>Commands since boot that the board could neither carry out nor answer; missing if there were none.</summary>
        public const string CommandsLost = "lost";

        /// <summary>1: the board knows the <see cref="StandardCommands"/>, which had no room in <see cref="Commands"/>.</summary>
        public const string Standard = "std";

        /// <summary>Array of the commands the device knows, each with its class and arguments: <see cref="CommandForm"/>.</summary>
        public const string Commands = "cmd";

        /// <summary>Array of the sensors that do not work now.</summary>
        public const string Failed = "failed";
    }
}
