namespace DeviceMqtt.Benchmarks.Report;

/// <summary>What all cores did since the machine started, from /proc/stat: shows what others took from a measurement.</summary>
/// <param name="BusySeconds">Summed over the cores that the benchmark uses.</param>
/// <param name="StolenSeconds">Taken by the host of a virtual machine.</param>
internal sealed record CoreUse(double BusySeconds, double StolenSeconds)
{
    private const double TicksPerSecond = 100; // USER_HZ, part of Linux's interface

    public static CoreUse Now(int first, int second)
    {
        double busy = 0;
        double stolen = 0;
        foreach (string line in File.ReadLines("/proc/stat"))
        {
            // cpu0 user nice system idle iowait irq softirq steal ...
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[0] != $"cpu{first}" && fields[0] != $"cpu{second}")
                continue;
            double[] ticks = [.. fields.Skip(1).Take(8).Select(double.Parse)];
            busy += (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond;
            stolen += ticks[7] / TicksPerSecond;
        }
        return new CoreUse(busy, stolen);
    }

    /// <summary>Waits, up to <paramref name="secondsMax"/>, for a fifth of a second in which hardly anybody else used these cores.</summary>
    public static void WaitForQuiet(int first, int second, double secondsMax)
    {
        const double IntervalSeconds = 0.2;
        for (double waited = 0; waited < secondsMax; waited += IntervalSeconds)
        {
            CoreUse before = Now(first, second);
            Thread.Sleep(TimeSpan.FromSeconds(IntervalSeconds));
            CoreUse after = Now(first, second);
            if (after.BusySeconds - before.BusySeconds + after.StolenSeconds - before.StolenSeconds <= 0.1 * IntervalSeconds)
                return;
        }
    }
}
