namespace DeviceMqtt.Relay.Tests;

/// <summary>What a relay under test connects to.</summary>
internal interface IUpstream : IAsyncDisposable
{
    string Address { get; }

    /// <summary>
    /// Breaks the connections and answers no more. Its port stays its own until it is disposed of: a relay that is still there dials again and again, and would
    /// come to the upstream of another test, which has a client called <c>gw</c> as well.
    /// </summary>
    Task EndAsync();
}
