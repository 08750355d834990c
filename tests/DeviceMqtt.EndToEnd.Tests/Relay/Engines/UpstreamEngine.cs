namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>A real broker, or cluster of brokers, as upstream, which goes away and comes back as a test says.</summary>
internal abstract class UpstreamEngine : IAsyncDisposable
{
    /// <summary>For <c>--upstream</c>: all nodes.</summary>
    public abstract string Addresses { get; }

    /// <summary>The node that an application reads from; it is there at the end.</summary>
    public abstract BrokerUnderTest Reader { get; }

    /// <summary>How often <see cref="Break"/> can be called, each time with another fault.</summary>
    public abstract int Faults { get; }

    /// <summary>Comes before <see cref="Break"/>.</summary>
    /// <param name="fault">Counted from 0.</param>
    /// <param name="whenRelayed">Completes when the engine has got everything that the gateway had.</param>
    public virtual Task Prepare(int fault, Func<Task> whenRelayed) => Task.CompletedTask;

    public abstract Task Break(int fault);

    public abstract Task Mend(int fault);

    public abstract ValueTask DisposeAsync();
}
