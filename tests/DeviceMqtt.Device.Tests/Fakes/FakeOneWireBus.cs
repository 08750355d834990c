namespace DeviceMqtt.Device.Tests
{
    /// <summary>A bus with one DS18B20 on it, or none, or one that is shorted.</summary>
    internal sealed class FakeOneWireBus : IOneWireBus
    {
        private int _at;
        private byte _command;

        /// <summary>Whether somebody answers a reset.</summary>
        internal bool IsPresent { get; set; } = true;

        /// <summary>How often it still answers that it is converting.</summary>
        internal int Converting { get; set; }

        internal int Conversions { get; private set; }

        /// <summary>What it has in its scratchpad.</summary>
        internal byte[] Scratchpad { get; set; } = new byte[9];

        public bool TryReset()
        {
            _at = 0;
            _command = 0;
            return IsPresent;
        }

        public void Write(byte value)
        {
            Conversions += value == 0x44 ? 1 : 0;
            _command = value;
        }

        public byte Read()
        {
            if (_command == 0xBE)
            {
                return Scratchpad[_at++];
            }

            if (Converting > 0)
            {
                Converting--;
                return 0;
            }

            return 0xFF;
        }

        /// <summary>A scratchpad as a conversion leaves it, with its check byte.</summary>
        internal void Hold(int low, int high, int countRemain)
        {
            Scratchpad = new byte[] { (byte)low, (byte)high, 0x4B, 0x46, 0x7F, 0xFF, (byte)countRemain, 0x10, 0 };
            Scratchpad[8] = OneWireCrc.Compute(Scratchpad, 8);
        }
    }
}
