using System;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A wire on which a part answers with the pulses it is told.</summary>
    internal sealed class FakePulseLine : IPulseLine
    {
        internal int[]? Answer { get; set; }

        internal string Calls { get; private set; } = "";

        public void PullDown()
        {
            Calls = string.Concat(Calls, "down ");
        }

        public void Listen()
        {
            Calls = string.Concat(Calls, "listen ");
        }

        public int Fetch(int[] highMicroseconds)
        {
            Calls = string.Concat(Calls, "fetch ");
            if (Answer == null)
            {
                return 0;
            }

            int count = Answer.Length < highMicroseconds.Length ? Answer.Length : highMicroseconds.Length;
            Array.Copy(Answer, 0, highMicroseconds, 0, count);
            return count;
        }
    }
}
