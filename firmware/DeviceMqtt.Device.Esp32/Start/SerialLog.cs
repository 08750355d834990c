using System;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// Writes to the serial line what a person with a cable wants to know. Readings come every few seconds, and a line is text, and text is memory:
    /// they are there at the level of debug only.
    /// </summary>
    internal sealed class SerialLog : IDeviceLog
    {
        /// <inheritdoc/>
        public void Write(DeviceNote note, string subject, long number)
        {
            string words = WordsOf(note);
            if (words.Length > 0)
            {
                Console.WriteLine(string.Concat(words, subject, " ", number.ToString()));
            }
        }

        /// <summary>What is written in front of subject and number; empty for what is not written.</summary>
        internal static string WordsOf(DeviceNote note)
        {
            switch (note)
            {
                case DeviceNote.Connecting: return "connecting as ";
                case DeviceNote.Connected: return "connected as ";
                case DeviceNote.ConnectFailed: return "no connection: ";
                case DeviceNote.LinkLost: return "connection lost: ";
                case DeviceNote.BirthTold: return "birth told on ";
                case DeviceNote.SensorFailed: return "sensor failed: ";
                case DeviceNote.SensorRecovered: return "sensor works again: ";
                case DeviceNote.OutboxDropped: return "outbox full, dropped a message of ";
                case DeviceNote.CommandDone: return "command done: ";
                case DeviceNote.CommandRefused: return "command refused: ";
                case DeviceNote.OutboxFound: return "messages of earlier boots in ";
                case DeviceNote.FlashFailed: return "flash failed: ";
                case DeviceNote.Stopped: return "stopped: ";
                case DeviceNote.CommandLost: return "commands lost by ";
                case DeviceNote.Measured: return "measured ";
                case DeviceNote.EventRaised: return "event ";
                case DeviceNote.CommandRepeated: return "command repeated: ";
                case DeviceNote.MessageIgnored: return "ignored: ";
                default: return "";
            }
        }
    }
}
