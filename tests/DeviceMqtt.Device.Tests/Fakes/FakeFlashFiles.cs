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
            _files[name] = content;
            return true;
        }

        internal void Put(string name, string text)
        {
            _files[name] = Encoding.UTF8.GetBytes(text);
        }
    }
}
