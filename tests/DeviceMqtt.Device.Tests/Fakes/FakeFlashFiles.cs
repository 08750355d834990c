using System.Collections;
using System.Text;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Flash in memory.</summary>
    internal sealed class FakeFlashFiles : IFlashFiles
    {
        private readonly Hashtable _files = new Hashtable();

        internal int Writes { get; private set; }

        internal bool FailsToWrite { get; set; }

        /// <summary>True: power is cut in each write. What was there stays, unless it was longer: then it is gone, and an empty file is left.</summary>
        internal bool CutsPower { get; set; }

        public byte[]? Read(string name, int bytesMax)
        {
            byte[]? content = (byte[]?)_files[name];
            return content == null || content.Length > bytesMax ? null : content;
        }

        public bool TryWrite(string name, byte[] content)
        {
            if (FailsToWrite)
            {
                return false;
            }

            Writes++;
            byte[]? before = (byte[]?)_files[name];
            if (CutsPower)
            {
                _files[name] = before == null || before.Length > content.Length ? Encoding.UTF8.GetBytes("") : before;
                return false;
            }

            _files[name] = content;
            return true;
        }

        internal void Put(string name, string text)
        {
            _files[name] = Encoding.UTF8.GetBytes(text);
        }
    }
}
