using System;
using System.IO;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The ring file in the board's flash. Opened for each part and closed behind it: littlefs puts a file on the flash when it is closed, and a
    /// file that is open costs memory.
    /// </summary>
    internal sealed class FlashRingFile : IRingFile
    {
        private readonly string _path;

        /// <param name="path">Drive and name.</param>
        /// <param name="bytes">Its size.</param>
        internal FlashRingFile(string path, int bytes)
        {
            _path = path;
            Bytes = bytes;
        }

        /// <inheritdoc/>
        public int Bytes { get; }

        /// <inheritdoc/>
        public bool TryRead(int offset, byte[] buffer, int count)
        {
            Array.Clear(buffer, 0, count);
            try
            {
                return !File.Exists(_path) || ReadPart(offset, buffer, count);
            }
            catch (Exception)
            {
                // The edge of the flash: whatever is wrong with it, the part could not be read.
                return false;
            }
        }

        /// <inheritdoc/>
        public bool TryWrite(int offset, byte[] buffer, int count)
        {
            try
            {
                using (FileStream file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
                {
                    Grow(file, offset);
                    file.Seek(offset, SeekOrigin.Begin);
                    file.Write(buffer, 0, count);
                    file.Flush();
                    return true;
                }
            }
            catch (Exception)
            {
                // As above: full, or worn out.
                return false;
            }
        }

        // Nobody says what lies between the end of a file and a part that is written behind it.
        private static void Grow(FileStream file, int offset)
        {
            int length = (int)file.Length;
            if (length < offset)
            {
                file.Seek(length, SeekOrigin.Begin);
                file.Write(new byte[offset - length], 0, offset - length);
            }
        }

        private bool ReadPart(int offset, byte[] buffer, int count)
        {
            using (FileStream file = new FileStream(_path, FileMode.Open, FileAccess.Read))
            {
                if (offset >= (int)file.Length)
                {
                    return true;
                }

                file.Seek(offset, SeekOrigin.Begin);
                int done = 0;
                int read = 1;
                while (done < count && read > 0)
                {
                    read = file.Read(buffer, done, count - done);
                    done += read;
                }

                return true;
            }
        }
    }
}
