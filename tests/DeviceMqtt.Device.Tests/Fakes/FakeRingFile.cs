using System;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A ring file in memory, that can fail, and tear what is written when the power goes.</summary>
    internal sealed class FakeRingFile : IRingFile
    {
        internal FakeRingFile(int bytes)
        {
            Content = new byte[bytes];
        }

        public int Bytes => Content.Length;

        internal byte[] Content { get; }

        internal int Writes { get; private set; }

        internal bool FailsToRead { get; set; }

        internal bool FailsToWrite { get; set; }

        /// <summary>How many bytes of the next write reach the flash before the power goes; negative: all.</summary>
        internal int TearsAt { get; set; } = -1;

        public bool TryRead(int offset, byte[] buffer, int count)
        {
            if (FailsToRead)
            {
                return false;
            }

            Array.Copy(Content, offset, buffer, 0, count);
            return true;
        }

        public bool TryWrite(int offset, byte[] buffer, int count)
        {
            if (FailsToWrite)
            {
                return false;
            }

            Writes++;
            bool tears = TearsAt >= 0 && TearsAt < count;
            Array.Copy(buffer, 0, Content, offset, tears ? TearsAt : count);
            TearsAt = -1;
            return !tears;
        }
    }
}
