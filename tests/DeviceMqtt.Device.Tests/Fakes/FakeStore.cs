namespace DeviceMqtt.Device.Tests
{
    /// <summary>Keeps the last setting that was changed, or fails.</summary>
    internal sealed class FakeStore : ISettingStore
    {
        internal string Name { get; private set; } = "";

        internal string Value { get; private set; } = "";

        internal bool Fails { get; set; }

        public bool TryStore(string name, string value)
        {
            Name = Fails ? Name : name;
            Value = Fails ? Value : value;
            return !Fails;
        }
    }
}
