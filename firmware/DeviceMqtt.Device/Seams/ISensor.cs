namespace DeviceMqtt.Device
{
    /// <summary>
    /// One sensor on the board. Both methods run on the device loop: a bus that does not answer must end them with an error within a second.
    /// An exception counts as <see cref="SensorError.Defect"/>.
    /// </summary>
    public interface ISensor
    {
        /// <summary>The part's name, as on the board's parts list: one word.</summary>
        string Name { get; }

        /// <summary>What it measures, in the order of the values. The same array each time.</summary>
        Metric[] Metrics { get; }

        /// <summary>
        /// Finds and sets up the part. Called at start, and again before each retry after a failure; <see cref="Read"/> follows in the same tick. A part that
        /// takes a moment to start answers <see cref="SensorError.Pending"/> then: ticks are 10 ms apart and more.
        /// </summary>
        SensorError Setup();

        /// <summary>
        /// Measures. Fills one value for each metric, in the metric's unit. A part that takes its time begins, answers
        /// <see cref="SensorError.Pending"/>, and is asked again at each tick until it is done.
        /// </summary>
        /// <param name="values">As long as <see cref="Metrics"/>.</param>
        SensorError Read(double[] values);
    }
}
