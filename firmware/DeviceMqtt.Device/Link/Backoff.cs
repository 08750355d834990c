using System;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// How long to wait before the next connection attempt: doubling from first to longest, of which the upper half is random. Begins anew
    /// only after a connection that lasted, so that two boards with one Client Identifier, who keep throwing each other out, slow down.
    /// </summary>
    internal sealed class Backoff
    {
        private readonly Random _random;
        private readonly int _firstMs;
        private readonly int _maxMs;
        private readonly int _stableMs;
        private int _ceilingMs;

        internal Backoff(int firstMs, int maxMs, int stableMs, int seed)
        {
            _firstMs = firstMs;
            _maxMs = maxMs;
            _stableMs = stableMs;
            _ceilingMs = firstMs;
            _random = new Random(seed);
        }

        /// <summary>The next pause in milliseconds, between half of the ceiling and the ceiling.</summary>
        internal int NextMs()
        {
            int half = _ceilingMs / 2;
            int pause = half + _random.Next(_ceilingMs - half + 1);
            _ceilingMs = _ceilingMs > _maxMs / 2 ? _maxMs : _ceilingMs * 2;
            return pause;
        }

        /// <summary>A connection has ended after so many milliseconds.</summary>
        internal void ConnectionEnded(long lastedMs)
        {
            if (lastedMs >= _stableMs)
            {
                _ceilingMs = _firstMs;
            }
        }
    }
}
