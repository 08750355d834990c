namespace DeviceMqtt.Device
{
    /// <summary>One quantity that a sensor measures.</summary>
    public sealed class Metric
    {
        /// <param name="name">Member name in the telemetry.</param>
        /// <param name="unit">SenML unit code (RFC 8428, section 12.1): <c>Cel</c>, <c>%RH</c>, <c>Pa</c>, <c>V</c> ...; empty for a mere count.</param>
        /// <param name="decimals">Digits behind the point, 0 to 9: no more than the part can tell apart.</param>
        public Metric(string name, string unit, int decimals)
        {
            Name = name;
            Unit = unit;
            Decimals = decimals;
        }

        /// <summary>Member name in the telemetry.</summary>
        public string Name { get; }

        /// <summary>SenML unit code.</summary>
        public string Unit { get; }

        /// <summary>Digits behind the point.</summary>
        public int Decimals { get; }
    }
}
