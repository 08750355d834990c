using System;
using System.Text;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>What the board remembers from one boot to the next: how many there were, and why it restarted itself.</summary>
    internal sealed class BootRecord
    {
        /// <summary>The device loop had stopped. One of the words of the birth's reset cause, like the next.</summary>
        internal const string Watchdog = "watchdog";

        /// <summary>An exception ended the device loop.</summary>
        internal const string Crash = "crash";

        /// <summary>Somebody asked for it.</summary>
        internal const string Reset = "reset";

        private const string Sleep = "sleep";
        private const string Unknown = "unknown";
        private const int CountBytes = 4;

        // Far from the end of 32 bits, and large enough that two of them are hardly ever near each other.
        private const int FirstNumberMax = 1_000_000_000;
        private const int MarkBytesMax = 16;

        private readonly IFlashFiles _files;

        internal BootRecord(IFlashFiles files)
        {
            _files = files;
        }

        /// <summary>Number of this boot.</summary>
        internal long BootId { get; private set; }

        /// <summary>Why it started. The runtime does not tell power-on, reset button and brown-out apart: those are unknown.</summary>
        internal string ResetCause { get; private set; } = Unknown;

        /// <summary>To be called once, at the beginning of a boot. One write to flash, two after a restart of its own.</summary>
        internal void Begin()
        {
            byte[]? count = _files.Read(FlashFileName.BootCount, CountBytes);
            BootId = count == null || count.Length != CountBytes ? AnyNumber() : Number(count) + 1;
            if (!_files.TryWrite(FlashFileName.BootCount, Bytes(BootId)))
            {
                // The boot before could not keep it either: one more than what it read would be its number again.
                BootId = AnyNumber();
            }

            byte[]? mark = _files.Read(FlashFileName.ResetMark, MarkBytesMax);
            string word = mark == null ? "" : Encoding.UTF8.GetString(mark, 0, mark.Length);
            if (word == Watchdog || word == Crash || word == Reset)
            {
                ResetCause = word;
                MarkRestart(Unknown);
            }
            else if (DeepSleep.WasAsleep())
            {
                ResetCause = Sleep;
            }
        }

        /// <summary>The board is about to restart itself.</summary>
        internal void MarkRestart(string cause)
        {
            _files.TryWrite(FlashFileName.ResetMark, Encoding.UTF8.GetBytes(cause));
        }

        /// <summary>
        /// Where a board begins whose count is gone: new, erased, or with flash that fails. Not at 1, because a number it had before would place the
        /// readings of now in the time of that boot.
        /// </summary>
        private static long AnyNumber()
        {
            return 1 + new Random().Next(FirstNumberMax);
        }

        private static long Number(byte[] bytes)
        {
            return (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24));
        }

        private static byte[] Bytes(long number)
        {
            return new byte[] { (byte)number, (byte)(number >> 8), (byte)(number >> 16), (byte)(number >> 24) };
        }
    }
}
