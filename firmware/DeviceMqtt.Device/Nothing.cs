namespace DeviceMqtt.Device
{
    internal static class Nothing
    {
        internal static readonly byte[] Bytes = new byte[0];
    }
}
