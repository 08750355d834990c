using System;
using System.IO;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Small files in the board's flash (littlefs, drive I:).</summary>
    internal sealed class FlashFiles : IFlashFiles
    {
        /// <summary>The drive of a board.</summary>
        internal const string Drive = "I:\\";

        private readonly string _folder;

        /// <param name="folder">With what separates it from a file's name.</param>
        internal FlashFiles(string folder)
        {
            _folder = folder;
        }

        /// <inheritdoc/>
        public byte[]? Read(string name, int bytesMax)
        {
            try
            {
                return ReadFile(PathOf(name), bytesMax);
            }
            catch (Exception)
            {
                // The edge of the flash: whatever is wrong with it, there is no content. Who asks says what that means.
                return null;
            }
        }

        /// <inheritdoc/>
        public bool TryWrite(string name, byte[] content)
        {
            try
            {
                WriteFile(PathOf(name), content);
                return true;
            }
            catch (Exception)
            {
                // As above: full, or worn out.
                return false;
            }
        }

        /// <summary>Where a file of the board is.</summary>
        internal string PathOf(string name)
        {
            return string.Concat(_folder, name);
        }

        // Over what is there, in one write, if it is no longer than the new content: a power cut leaves the one or the other then, and never an empty file.
        private static void WriteFile(string path, byte[] content)
        {
            using (FileStream file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
            {
                if (file.Length <= content.Length)
                {
                    file.Write(content, 0, content.Length);
                    file.Flush();
                    return;
                }
            }

            File.WriteAllBytes(path, content);
        }

        private static byte[]? ReadFile(string path, int bytesMax)
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using (FileStream file = new FileStream(path, FileMode.Open, FileAccess.Read))
            {
                int length = (int)file.Length;
                if (length > bytesMax)
                {
                    return null;
                }

                byte[] content = new byte[length];
                int count = 0;
                while (count < length)
                {
                    int read = file.Read(content, count, length - count);
                    if (read <= 0)
                    {
                        return null;
                    }

                    count += read;
                }

                return content;
            }
        }
    }
}
