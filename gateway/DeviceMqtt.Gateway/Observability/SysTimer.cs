using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Publishes the <see cref="SysTopics"/> at the start and from then on at their interval.</summary>
internal sealed class SysTimer(SysTopics topics, SysOptions options, Turn turn, TimeProvider time) : BackgroundService
{
    /// <summary>Something has changed that nobody should have to wait for. Outside a turn.</summary>
    public void PublishNow()
    {
        if (options.IntervalSeconds == 0)
            return;
        using Turn.Scope scope = turn.Enter();
        topics.Publish();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.IntervalSeconds == 0)
            return;
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(options.IntervalSeconds), time);
        try
        {
            do
            {
                using Turn.Scope scope = turn.Enter();
                topics.Publish();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
