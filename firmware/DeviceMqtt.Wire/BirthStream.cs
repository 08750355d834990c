namespace DeviceMqtt.Wire
{
    /// <summary>One telemetry stream of a birth.</summary>
    public sealed class BirthStream
    {
        /// <summary>Most metrics of a stream that are read.</summary>
        public const int MetricsMax = 16;

        private readonly string[] _metrics = EmptyTexts.Make(MetricsMax);
        private readonly string[] _units = EmptyTexts.Make(MetricsMax);

        internal BirthStream(string name)
        {
            Name = name;
        }

        /// <summary>Last level of its topic.</summary>
        public string Name { get; }

        /// <summary>How many metrics it has.</summary>
        public int MetricCount { get; private set; }

        /// <summary>Member name of a metric.</summary>
        public string MetricAt(int index)
        {
            return _metrics[index];
        }

        /// <summary>SenML unit code (RFC 8428) of a metric.</summary>
        public string UnitAt(int index)
        {
            return _units[index];
        }

        internal void Add(string metric, string unit)
        {
            if (MetricCount < MetricsMax)
            {
                _metrics[MetricCount] = metric;
                _units[MetricCount] = unit;
                MetricCount++;
            }
        }
    }
}
