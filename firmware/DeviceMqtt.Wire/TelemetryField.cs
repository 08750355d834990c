namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Member names that every telemetry and event payload shares; all other members are readings.
    /// <code>{"n":1042,"t":1795210757.1,"temp":21.5,"hum":40.2}      with a clock
    /// {"n":3,"up":15020,"b":771203,"temp":21.5,"h":1}          before the clock was set, sent late</code>
    /// </summary>
    public static class TelemetryField
    {
        /// <summary>Sequence number, counted per topic name from 1 at each boot. A gap is a lost message.</summary>
        public const string Sequence = "n";

        /// <summary>When it was measured, seconds since 1970-01-01 UTC with at most three decimals.</summary>
        public const string Time = "t";

        /// <summary>When it was measured, milliseconds since boot. Stands with <see cref="BootId"/>, in place of <see cref="Time"/>.</summary>
        public const string UpMs = "up";

        /// <summary>Which boot the milliseconds count from: the same number as in the birth message.</summary>
        public const string BootId = "b";

        /// <summary>How sure <see cref="Time"/> is, if not the board but the gateway has said it: 1 its clock is set by the network, 2 nobody vouches for it.</summary>
        public const string Quality = "q";

        /// <summary>1 if it was sent later than it was measured, because the gateway was away. Missing otherwise.</summary>
        public const string Late = "h";

        /// <summary>What is inserted in front of the closing brace to mark a payload as late.</summary>
        public const string LateMark = ",\"h\":1";

        /// <summary>Digits behind the point of <see cref="Time"/>.</summary>
        public const int TimeDecimals = 3;
    }
}
