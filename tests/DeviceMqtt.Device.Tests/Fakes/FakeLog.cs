using System.Text;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Remembers what happened, one line each: number of the note, subject, number.</summary>
    internal sealed class FakeLog : IDeviceLog
    {
        private readonly StringBuilder _lines = new StringBuilder();

        public void Write(DeviceNote note, string subject, long number)
        {
            _lines.Append(Line(note, subject, number));
        }

        internal bool Has(DeviceNote note, string subject, long number)
        {
            return _lines.ToString().Contains(Line(note, subject, number));
        }

        internal int CountOf(DeviceNote note)
        {
            string text = _lines.ToString();
            string begin = string.Concat("\n", ((int)note).ToString(), " ");
            int count = 0;
            for (int at = text.IndexOf(begin); at >= 0; at = text.IndexOf(begin, at + 1))
            {
                count++;
            }

            return count;
        }

        private static string Line(DeviceNote note, string subject, long number)
        {
            return string.Concat(string.Concat("\n", ((int)note).ToString(), " ", subject), " ", number.ToString(), "\n");
        }
    }
}
