namespace DeviceMqtt.Wire
{
    internal static class JsonEmpty
    {
        internal static readonly byte[] Object = new byte[] { (byte)'{', (byte)'}' };

        internal static readonly byte[] Null = new byte[] { (byte)'n', (byte)'u', (byte)'l', (byte)'l' };
    }
}
