namespace DeviceMqtt.Relay.Tests;

/// <summary>What a relay under test connects to. Disposed of, it answers no more.</summary>
internal interface IUpstream : IAsyncDisposable
{
    string Address { get; }
}
