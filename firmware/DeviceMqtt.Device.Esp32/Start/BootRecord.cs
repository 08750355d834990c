using System;
using System.Text;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>What the board remembers from one boot to the next: how many there were, and why it restarted itself.</summary>
    internal sealed class BootRecord
    {
        /// <summary>The device loop had stopped, or the network did not come back from a call. One of the words of the birth's reset cause, like the next.</summary>
        internal const string Watchdog = "watchdog";

        /// <summary>An exception ended the device loop.</summary>
        internal const string Crash = "crash";

        /// <summary>Somebody asked for it.</summary>
        internal const string Reset = "reset";

        /// <summary>The board restarted itself because it had been awake for so long (<see cref="RestartPlan"/>).</summary>
        internal const string Planned = "planned";

        // The boot has changed settings in force with which no session has begun yet; its second time. A boot that ends well takes the mark away.
        private const string Trial = "trial";
        private const string TrialAgain = "trial2";
        private const int TrialsMax = 2;

        private const string Sleep = "sleep";
        private const string Unknown = "unknown";
        private const int CountBytes = 4;

        // Far from the end of 32 bits, and large enough that two of them are hardly ever near each other.
        private const int FirstNumberMax = 1_000_000_000;
        private const int MarkBytesMax = 16;

        // All words at one length, with blanks behind them: a power cut while one is written leaves that of before.
        private const int MarkBytes = 8;

        private readonly IFlashFiles _files;
        private int _trials;
        private bool _isMarkedTrial;

        internal BootRecord(IFlashFiles files)
        {
            _files = files;
        }

        /// <summary>Number of this boot.</summary>
        internal long BootId { get; private set; }

        /// <summary>Why it started. The runtime does not tell power-on, reset button and brown-out apart: those are unknown.</summary>
        internal string ResetCause { get; private set; } = Unknown;

        /// <summary>
        /// True if the boot before ended with a crash or by the watchdog, or if the two before tried changed settings and ended neither with a session nor on
        /// purpose. A fault of the chip leaves no mark of its own; nor does a power cut, so one boot that just ended is not enough.
        /// </summary>
        internal bool HasFailed => ResetCause == Crash || ResetCause == Watchdog || _trials >= TrialsMax;

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
            string word = mark == null ? "" : Encoding.UTF8.GetString(mark, 0, mark.Length).Trim();
            if (word == Watchdog || word == Crash || word == Reset || word == Planned)
            {
                ResetCause = word;
                MarkRestart(Unknown);
            }
            else if (word == Trial || word == TrialAgain)
            {
                _trials = word == Trial ? 1 : TrialsMax;
            }
            else if (DeepSleep.WasAsleep())
            {
                ResetCause = Sleep;
            }
        }

        /// <summary>This boot tries changed settings.</summary>
        internal void MarkTrial()
        {
            _isMarkedTrial = true;
            MarkRestart(_trials == 0 ? Trial : TrialAgain);
        }

        /// <summary>A session has begun with them, the board sleeps, or it does without them.</summary>
        internal void EndTrial()
        {
            if (_isMarkedTrial || _trials > 0)
            {
                MarkRestart(Unknown);
                _isMarkedTrial = false;
                _trials = 0;
            }
        }

        /// <summary>The board is about to restart itself.</summary>
        internal void MarkRestart(string cause)
        {
            _files.TryWrite(FlashFileName.ResetMark, Encoding.UTF8.GetBytes(cause.PadRight(MarkBytes, ' ')));
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
