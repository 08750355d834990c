namespace DeviceMqtt.Device.Tests
{
    /// <summary>Pins 4 to 19; the board uses pin 5. Remembers levels.</summary>
    internal sealed class FakePins : IPins
    {
        private readonly bool[] _isHigh = new bool[20];

        public int Last => 19;

        internal bool Fails { get; set; }

        internal int Writes { get; private set; }

        public bool IsFree(int pin)
        {
            return pin >= 4 && pin != 5;
        }

        public bool TryRead(int pin, out bool isHigh)
        {
            isHigh = _isHigh[pin];
            return !Fails;
        }

        public bool TryWrite(int pin, bool isHigh)
        {
            if (Fails)
            {
                return false;
            }

            Writes++;
            _isHigh[pin] = isHigh;
            return true;
        }

        internal bool IsHigh(int pin)
        {
            return _isHigh[pin];
        }
    }
}
