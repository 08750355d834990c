namespace DeviceMqtt.Device
{
    /// <summary>Whether two contents of small files are the same, and a mark of four bytes in place of a copy.</summary>
    public static class Content
    {
        /// <summary>True if both have the same bytes.</summary>
        public static bool AreEqual(byte[] a, byte[] b)
        {
            if (a.Length != b.Length)
            {
                return false;
            }

            for (int i = 0; i < a.Length; i++)
            {
                if (a[i] != b[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>CRC-32 of the content, low byte first.</summary>
        public static byte[] Mark(byte[] content)
        {
            uint crc = new Crc32().Of(content, 0, content.Length);
            return new byte[] { (byte)crc, (byte)(crc >> 8), (byte)(crc >> 16), (byte)(crc >> 24) };
        }
    }
}
