namespace DeviceMqtt.Device
{
    /// <summary>
    /// Aosong DHT22 (AM2302): temperature and humidity over one wire. It is woken by pulling the wire down for at least a millisecond, and answers
    /// with 40 pulses: a short one is 0, a long one is 1. To be read every two seconds at most.
    /// </summary>
    public sealed class Dht22 : ISensor
    {
        private const int Bits = 40;
        private const int Bytes = 5;

        // 26 to 28 us are 0, 70 us are 1 (data sheet, section 7).
        private const int OneAtLeastMicroseconds = 50;

        // The line let go, the part's 80 us in front of its bits, the bits, and some that should not be there.
        private const int PulsesMax = Bits + 8;

        private readonly IPulseLine _line;
        private readonly int[] _pulses = new int[PulsesMax];
        private readonly byte[] _data = new byte[Bytes];
        private Step _step;

        /// <param name="line">The wire it is on.</param>
        public Dht22(IPulseLine line)
        {
            _line = line;
        }

        private enum Step
        {
            Idle,
            Waking,
            Answering,
        }

        /// <inheritdoc/>
        public string Name => "dht22";

        /// <inheritdoc/>
        public Metric[] Metrics { get; } = { new Metric("temp", "Cel", 1), new Metric("hum", "%RH", 1) };

        /// <summary>Values of five bytes as they come from the part. False if the fifth is not the sum of the others.</summary>
        public static bool TryDecode(byte[] data, double[] values)
        {
            if ((byte)(data[0] + data[1] + data[2] + data[3]) != data[4])
            {
                return false;
            }

            // Tenths; the highest bit of the temperature is its sign.
            int magnitude = ((data[2] & 0x7F) << 8) | data[3];
            values[0] = ((data[2] & 0x80) != 0 ? -magnitude : magnitude) / 10.0;
            values[1] = ((data[0] << 8) | data[1]) / 10.0;
            return true;
        }

        /// <inheritdoc/>
        public SensorError Setup()
        {
            // Nothing can be asked of it: whether it is there shows at the first reading.
            _step = Step.Idle;
            return SensorError.None;
        }

        /// <inheritdoc/>
        public SensorError Read(double[] values)
        {
            switch (_step)
            {
                case Step.Idle:
                    _line.PullDown();
                    _step = Step.Waking;
                    return SensorError.Pending;
                case Step.Waking:
                    _line.Listen();
                    _step = Step.Answering;
                    return SensorError.Pending;
                default:
                    _step = Step.Idle;
                    return Decode(values);
            }
        }

        private SensorError Decode(double[] values)
        {
            int count = _line.Fetch(_pulses);
            if (count < Bits)
            {
                return count <= 1 ? SensorError.NotFound : SensorError.CommunicationFailed;
            }

            // Its bits are the last: what stands in front of them depends on when the measuring began.
            for (int i = 0; i < Bits; i++)
            {
                int bit = _pulses[count - Bits + i] >= OneAtLeastMicroseconds ? 1 : 0;
                _data[i / 8] = (byte)((_data[i / 8] << 1) | bit);
            }

            if (!TryDecode(_data, values))
            {
                return SensorError.CommunicationFailed;
            }

            return values[0] < -40 || values[0] > 80 || values[1] > 100 ? SensorError.OutOfRange : SensorError.None;
        }
    }
}
