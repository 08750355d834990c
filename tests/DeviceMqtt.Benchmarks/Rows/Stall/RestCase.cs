using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>A burst is over, a large backlog is gone, and nothing goes on any more: a broker that collects its garbage and gives memory back then does so beside those who are still there.</summary>
internal sealed class RestCase : StallCase
{
    private readonly SessionEndCase _burst = new();

    public override string Name => "rest";

    public override string Title => "a large backlog is gone, and its memory is given back";

    public override void Prepare(StallBench bench)
    {
        _burst.Prepare(bench);
        bench.Notes.Add($"RSS with the backlog: {bench.Broker.ResidentKb / 1024:N0} MB");
    }

    public override Func<bool> Act(StallBench bench)
    {
        Func<bool> ends = _burst.Act(bench);
        long ended = 0;
        return () =>
        {
            if (ended == 0 && ends())
                ended = Stopwatch.GetTimestamp();
            return ended != 0 && Stopwatch.GetElapsedTime(ended).TotalSeconds >= bench.Sizes.RestSeconds;
        };
    }
}
