namespace DeviceMqtt.Device
{
    /// <summary>How often a stream is read, as people say it.</summary>
    public static class Interval
    {
        /// <summary>Shortest, in seconds. Chosen: a BME280 needs 10 ms, and the gateway is not to be flooded by one board.</summary>
        public const double SecondsMin = 0.5;

        /// <summary>Longest, in seconds: a day.</summary>
        public const double SecondsMax = 86_400;

        /// <summary>Seconds as whole milliseconds.</summary>
        public static int ToMs(double seconds)
        {
            return (int)((seconds * 1000) + 0.5);
        }
    }
}
