namespace DeviceMqtt.Device
{
    /// <summary>Pins that are high for a time. They end at the tick behind their time: 20 ms late at most on a board.</summary>
    internal sealed class PinPulses
    {
        private readonly IPins _pins;
        private readonly int[] _numbers = new int[DeviceLimits.PulsesMax];
        private readonly long[] _endsMs = new long[DeviceLimits.PulsesMax];
        private int _count;
        private long _nowMs;

        internal PinPulses(IPins pins)
        {
            _pins = pins;
        }

        /// <summary>How many pins are in one.</summary>
        internal int Count => _count;

        internal void Tick(long nowMs)
        {
            _nowMs = nowMs;
            for (int i = _count - 1; i >= 0; i--)
            {
                // A pin that cannot be driven low is tried at each tick.
                if (nowMs >= _endsMs[i] && _pins.TryWrite(_numbers[i], false))
                {
                    Remove(i);
                }
            }
        }

        /// <summary>Begins a pulse; one that the pin is in begins anew. False if the pin fails, or too many pins are in one.</summary>
        internal bool TryBegin(int pin, int holdMs)
        {
            int at = Find(pin);
            if (at == DeviceLimits.PulsesMax || !_pins.TryWrite(pin, true))
            {
                return false;
            }

            _numbers[at] = pin;
            _endsMs[at] = _nowMs + holdMs;
            _count = at == _count ? _count + 1 : _count;
            return true;
        }

        /// <summary>The pin is driven by somebody else now.</summary>
        internal void Forget(int pin)
        {
            int at = Find(pin);
            if (at < _count)
            {
                Remove(at);
            }
        }

        private int Find(int pin)
        {
            int at = 0;
            while (at < _count && _numbers[at] != pin)
            {
                at++;
            }

            return at;
        }

        private void Remove(int at)
        {
            _count--;
            _numbers[at] = _numbers[_count];
            _endsMs[at] = _endsMs[_count];
        }
    }
}
