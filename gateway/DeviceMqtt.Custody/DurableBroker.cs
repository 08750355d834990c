using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Custody;

/// <summary>
/// A broker that keeps its state in a folder: Sessions, retained messages, Wills and what waits outlive the process.
/// Run it with <see cref="RunAsync"/>, not with <see cref="MqttBroker.RunAsync"/>, which knows no journal.
/// </summary>
public sealed class DurableBroker : IAsyncDisposable
{
    internal const string JournalFolder = "journal";

    private readonly DurableState _state;

    private DurableBroker(MqttBroker broker, DurableState state)
    {
        Broker = broker;
        _state = state;
    }

    /// <summary>The broker, with everything in it that the folder held.</summary>
    public MqttBroker Broker { get; }

    /// <summary>
    /// Completes when the disk has failed: nothing is acknowledged any more. End this broker and open the folder anew.
    /// </summary>
    public Task<Exception> Failed => _state.Failed;

    /// <summary>Opens a broker on a data folder, which is made when it is not there. The gateway reads the same folder.</summary>
    /// <param name="dataFolder">Of this broker alone.</param>
    /// <param name="options">As for a broker in memory.</param>
    /// <param name="beforeRecovery">Connect upstreams here: what waited for them is found again only when they are known.</param>
    /// <param name="log">Is told what was recovered and what is wrong with the disk; unless given, nobody.</param>
    /// <exception cref="ArgumentException">A limit has an impossible value; the message names it.</exception>
    /// <exception cref="JournalException">The folder is in use, of a newer version, damaged or cannot be read.</exception>
    public static async Task<DurableBroker> OpenAsync(string dataFolder, MqttBrokerOptions? options = null, Action<MqttBroker>? beforeRecovery = null, ILogger? log = null)
    {
        Ground ground = MqttBroker.Checked(options ??= new MqttBrokerOptions());
        JournalCustody custody = new(ground, LinuxMachineClock.Of(options.Time));
        ground.Custody = custody;
        MqttBroker broker = new(ground, new([]), options.Time);
        DirectoryStorage storage = new(Path.Combine(dataFolder, JournalFolder));
        DurableBroker durable = new(broker, new DurableState(broker.State, custody, storage, log ?? NullLogger.Instance, options.Time));
        try
        {
            beforeRecovery?.Invoke(broker);
            durable._state.Open();
            return durable;
        }
        catch
        {
            await durable.DisposeAsync();
            throw;
        }
    }

    /// <summary>Once a second: what <see cref="MqttBroker.Beat"/> does, and what the journal needs.</summary>
    public void Beat()
    {
        _state.Tend();
        Broker.Beat();
        using Turn.Scope scope = Broker.State.Turn.Enter();
        _state.SnapshotIfDue();
    }

    /// <summary>Calls <see cref="Beat"/> until it is told to stop; then closes all connections.</summary>
    public Task RunAsync(CancellationToken stopping) => Broker.BeatAsync(Beat, stopping);

    /// <summary>
    /// Closes all connections, and returns when everything written until now is on the disk. Await what
    /// <see cref="MqttBroker.ServeAsync"/> returned first: a connection that ends later is not written down.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Broker.CloseAll();
        await _state.DisposeAsync();
    }
}
