namespace DeviceMqtt.Device
{
    /// <summary>Why a sensor gave no values. The number stands in the sensor event: never renumber.</summary>
    public enum SensorError
    {
        /// <summary>It works.</summary>
        None = 0,

        /// <summary>Nothing answers at the address or pin.</summary>
        NotFound = 1,

        /// <summary>The bus failed in the middle: no acknowledge, timeout, wrong checksum.</summary>
        CommunicationFailed = 2,

        /// <summary>Another chip answers.</summary>
        WrongChip = 3,

        /// <summary>The values are outside what the part can measure.</summary>
        OutOfRange = 4,

        /// <summary>The sensor's code threw.</summary>
        Defect = 5,

        /// <summary>No error: the part is still measuring. To be asked again at the next tick; never in an event.</summary>
        Pending = 6,
    }
}
