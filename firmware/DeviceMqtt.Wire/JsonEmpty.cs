namespace DeviceMqtt.Wire
{
    internal static class JsonEmpty
    {
        internal static readonly byte[] Object = new byte[] { (byte)'{', (byte)'}' };
    }
}
