namespace DeviceMqtt.Wire
{
    /// <summary>
    /// The event <c>{prefix}/{device}/evt/sensor</c>: a sensor has failed, or works again.
    /// <code>{"n":1,"t":1795210757.1,"sensor":"bme280","err":2}   err 0: works again</code>
    /// </summary>
    public static class SensorFault
    {
        /// <summary>Last level of the topic.</summary>
        public const string EventName = "sensor";

        /// <summary>Member name of the sensor's name.</summary>
        public const string SensorField = "sensor";

        /// <summary>Member name of the error's number: 0 none, 1 not found, 2 communication, 3 wrong chip, 4 out of range, 5 defect.</summary>
        public const string ErrorField = "err";
    }
}
